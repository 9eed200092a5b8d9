// The snippets of docs/guide.md run in their order and print what their comments say.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { format } from "node:util";

import { startServer } from "../e2e/lib/server.js";
import { recordings } from "./lib/folder.js";
import { EXAMPLES } from "./lib/pages.js";

const GUIDE = new URL("../../docs/guide.md", import.meta.url);
const ENDPOINT = "http://127.0.0.1:4410";
/** A line that prints something, and what. */
const CLAIM = /console\.log\((.*)\)(.*?;?\)?;) \/\/ → (.*)$/;

let folder;
let server;

before(async () => {
  folder = recordings();
  server = await startServer({ data: folder.data });
});

after(async () => {
  await server?.stop();
  folder?.remove();
});

/** The lines of the guide that are JavaScript, each in its place; all others are empty. */
function script(guide) {
  let isCode = false;
  return guide.split("\n").map((line) => {
    if (line.startsWith("```")) isCode = line === "```js";
    return isCode && !line.startsWith("```") ? line : "";
  });
}

test("the snippets of the guide print what they say", { timeout: 60_000 }, async () => {
  const lines = script(readFileSync(GUIDE, "utf8"));
  assert.ok(lines.some((line) => line.includes(ENDPOINT)));
  const claims = new Map();
  const told = new Map();
  const source = lines.map((line, index) => {
    const [, , , claim] = CLAIM.exec(line) ?? [];
    assert.equal(claim !== undefined, line.includes("// →"), `line ${index + 1}: ${line}`);
    if (claim === undefined) return line;
    claims.set(index + 1, claim);
    return line.replace("console.log(", `globalThis.told(${index + 1}, `);
  });
  assert.ok(claims.size > 30, `${claims.size} claims`);

  globalThis.told = (line, ...values) => told.set(line, format(...values));
  // Beside the packages that the guide imports.
  const file = join(EXAMPLES, "dist", "guide.mjs");
  mkdirSync(join(EXAMPLES, "dist"), { recursive: true });
  writeFileSync(file, source.join("\n").replaceAll(ENDPOINT, server.url));
  try {
    await import(file);
  } finally {
    rmSync(file);
    delete globalThis.told;
  }
  assert.deepEqual(told, claims);
});
