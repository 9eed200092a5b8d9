// Pages that bundlers made, without any configuration for the sake of this package.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";

import { APP, OUT, fixture, visit } from "./lib/fixture.js";
import { startPages } from "./lib/pages.js";

const vite = (name) => async (out) => {
  const { build } = await import(name);
  // The rest is for the sake of the page's own top-level await, the place of the output, and quiet.
  const options = { outDir: out, emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 2_000 };
  await build({ configFile: false, root: APP, base: "./", logLevel: "warn", build: options });
};

/** By name: how it builds the page; whether it takes along what scripts refer to, modules and workers. */
const BUNDLERS = {
  vite6: { build: vite("vite6"), isThorough: true },
  vite7: { build: vite("vite7"), isThorough: true },
  vite8: { build: vite("vite8"), isThorough: true },
  webpack: { build: buildWithWebpack, isThorough: true },
  rollup: { build: buildWithRollup, isThorough: false },
  esbuild: { build: buildWithEsbuild, isThorough: false },
};

const folders = Object.fromEntries(Object.keys(BUNDLERS).map((name) => [name, join(OUT, name)]));
const shared = fixture({ serve: (server) => startPages({ folders, server }) });

for (const [name, { build, isThorough }] of Object.entries(BUNDLERS)) {
  test(`a page built by ${name}`, async () => {
    const out = join(OUT, name);
    rmSync(out, { recursive: true, force: true });
    await build(out);
    const files = readdirSync(out, { recursive: true }).map(String);
    assert.equal(files.filter((file) => file.endsWith(".wasm")).length, isThorough ? 1 : 0, files.join(" "));
    for (const script of files.filter((file) => file.endsWith(".js"))) {
      assert.doesNotMatch(readFileSync(join(out, script), "utf8"), /YAMLParseError/, `${script} holds a reader of YAML`);
    }
    const page = `${shared.pages.url}/${name}/index.html`;
    assert.equal(await visit(shared.browser, page), isThorough ? "asset" : "script");
    if (isThorough) assert.equal(await visit(shared.browser, `${page}?worker`), "asset");
    // The others need a policy that allows the worker's script as text.
    const reader = isThorough ? "?reader" : "?reader&blob";
    assert.equal(await visit(shared.browser, `${page}${reader}`, { isRead: true }), isThorough ? "asset" : "script");
    if (!isThorough) await visit(shared.browser, `${page}?reader`, { expected: /^btrdb-web reads on this thread: .*worker-src/ });
  });
}

test("slim brings neither the module nor a reference to it", async () => {
  const stdin = { contents: `export * from "btrdb-web/slim";`, resolveDir: APP };
  const { outputFiles } = await esbuild.build({ stdin, bundle: true, minify: true, format: "esm", write: false });
  assert.equal(outputFiles.length, 1);
  assert.doesNotMatch(outputFiles[0].text, /new URL\("[^"]*btrdb_web_bg\.wasm"/);
  assert.doesNotMatch(outputFiles[0].text, /import\.meta/);
  assert.ok(outputFiles[0].text.length < 100_000, `${outputFiles[0].text.length} bytes`);
});

async function buildWithWebpack(out) {
  const compiler = webpack({
    mode: "production",
    context: APP,
    entry: "./main.js",
    output: { path: out, filename: "main.js" },
    // It warns of anything above 250 kB.
    performance: { hints: false },
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, stats) => compiler.close(() => (error ? reject(error) : resolve(stats))));
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual([...errors, ...warnings].map(({ message }) => message), []);
  writePage(out);
}

async function buildWithRollup(out) {
  const warnings = [];
  const plugins = [nodeResolve({ browser: true })];
  // Connections make streams and streams have connections, which is no harm.
  const onwarn = ({ code, message }) => code !== "CIRCULAR_DEPENDENCY" && warnings.push(message);
  const bundle = await rollup({ input: join(APP, "main.js"), plugins, onwarn });
  await bundle.write({ dir: out, format: "es" });
  await bundle.close();
  assert.deepEqual(warnings, []);
  writePage(out);
}

async function buildWithEsbuild(out) {
  const { warnings } = await esbuild.build({
    entryPoints: [join(APP, "main.js")],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    outdir: out,
  });
  assert.deepEqual(warnings, []);
  writePage(out);
}

/** The page, for those that bundle scripts alone. */
function writePage(out) {
  const script = `<script type="module" src="./main.js"></script>`;
  writeFileSync(join(out, "index.html"), `<!doctype html><link rel="icon" href="data:,"><body>${script}`);
}
