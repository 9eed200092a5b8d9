// What judges of packages say of this one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import * as esbuild from "esbuild";
import { publint } from "publint";

import { APP, PACKAGE, program } from "./lib/fixture.js";

const { CONSUMERS_TARBALL } = process.env;

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: PACKAGE, strict: true });
  assert.deepEqual(messages, []);
});

test("arethetypeswrong has nothing to say of any entry", async () => {
  const args = [program("@arethetypeswrong/cli/dist/index.js"), "--profile", "esm-only", "--format", "json"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, CONSUMERS_TARBALL], { maxBuffer: 2 ** 26 });
  const { analysis } = JSON.parse(stdout);
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(analysis.entrypoints), Object.keys(exports));
  // Resolution as Node 10 did it and `require` are what packages of ES modules alone do without.
  for (const [entry, { resolutions }] of Object.entries(analysis.entrypoints)) {
    for (const kind of ["node16-esm", "bundler"]) {
      const { resolution, visibleProblems } = resolutions[kind];
      assert.ok(resolution, `${entry} is not found by ${kind}`);
      assert.deepEqual(visibleProblems ?? [], [], `${entry} by ${kind}`);
    }
  }
});

/** What TypeScript has against the file `name`. */
async function complaints(name, settings) {
  const all = { strict: true, skipLibCheck: false, noEmit: true, target: "es2022", ...settings };
  const flags = Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const tsc = [program("typescript/bin/tsc"), ...flags, join(APP, name)];
  return (await promisify(execFile)(process.execPath, tsc).catch((failure) => failure)).stdout;
}

for (const [moduleResolution, module] of [["node16", "node16"], ["bundler", "esnext"]]) {
  test(`TypeScript finds the same in every entry, resolving as ${moduleResolution}`, async () => {
    assert.equal(await complaints("types.ts", { module, moduleResolution }), "");
  });
}

test("TypeScript needs no types of browsers in a program for Node", async () => {
  assert.equal(await complaints("node.ts", { module: "node16", lib: "es2023", types: "node", typeRoots: program("@types") }), "");
});

test("what entries declare names no any and nothing of the module's insides", () => {
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const files = new Set(Object.values(exports).flatMap(({ types }) => (types ? [join(PACKAGE, types)] : [])));
  // A set goes on with what is added to it meanwhile.
  for (const file of files) {
    const whole = readFileSync(file, "utf8");
    // Editors take braces there for a type, and show the rest without what they link to.
    assert.doesNotMatch(whole, /@throws \{/, file);
    const text = whole.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(text, /\bany\b|InitOutput|__wb|\bptr\b|\bfree\(/, file);
    for (const [, name] of text.matchAll(/from "(\.[^"]+)\.js"/g)) files.add(join(dirname(file), `${name}.d.ts`));
  }
  assert.ok(files.size > 15, `${files.size} files`);
});

test("no script waits for anything before it is there", async () => {
  const scripts = readdirSync(join(PACKAGE, "dist")).filter((name) => name.endsWith(".js"));
  for (const name of scripts) {
    const text = readFileSync(join(PACKAGE, "dist", name), "utf8");
    await esbuild.transform(text, { format: "esm", supported: { "top-level-await": false } });
  }
  assert.ok(scripts.length > 20);
});

test("the package holds one WebAssembly module and its licences, and is small", () => {
  const files = readdirSync(PACKAGE, { recursive: true }).map((name) => join(PACKAGE, String(name)));
  assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1);
  const papers = readdirSync(PACKAGE).filter((name) => /^[A-Z]/.test(name)).sort();
  assert.deepEqual(papers, ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "LICENSES-THIRD-PARTY", "README.md"]);
  const bytes = files.map((file) => statSync(file)).filter((about) => about.isFile());
  assert.ok(bytes.reduce((sum, { size }) => sum + size, 0) < 3_000_000);
});
