// What all tests of consumers share: a server with a stream, a browser, and what is to be read.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { connect, toNanoseconds } from "btrdb-web";
import { chromium } from "playwright-core";

import { startServer } from "../../e2e/lib/server.js";

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
/** The folder of the page and the programs. */
export const APP = join(HERE, "app");
/** The package as it was unpacked. */
export const PACKAGE = join(HERE, "node_modules/btrdb-web");
/** The file that an installed package's program is. */
export const program = (path) => join(HERE, "node_modules", path);
/** Where what the tools make goes. */
export const OUT = process.env.CONSUMERS_OUT;

/** How many bytes a script that holds the module has at least. */
const HELD = statSync(join(PACKAGE, "dist/btrdb_web_bg.wasm")).size;

const POINTS = 1_000;
/** What {@link ../app/read.js} gives. */
export const EXPECTED = { points: POINTS, last: "2017-07-14T02:56:39.000000001Z", sum: (POINTS * (POINTS - 1)) / 2 };

/**
 * Fills an object, before the first test of a file, with the server and, where wanted, the browser, and the pages that
 * `serve` starts.
 */
export function fixture({ inBrowser = true, serve } = {}) {
  const shared = {};
  before(async () => {
    shared.folder = mkdtempSync(join(tmpdir(), "btrdb-consumers-"));
    shared.server = await startServer({ data: join(shared.folder, "data") });
    const connection = await connect(shared.server.url);
    const stream = await connection.create(crypto.randomUUID(), "consumers", { name: "ramp" });
    const start = toNanoseconds("2017-07-14T02:40:00.000000001Z");
    await stream.insert({
      time: BigInt64Array.from({ length: POINTS }, (_, place) => start + BigInt(place) * 1_000_000_000n),
      value: Float64Array.from({ length: POINTS }, (_, place) => place),
    });
    const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    if (inBrowser) shared.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
    shared.pages = await serve?.(shared.server.url);
  });
  after(async () => {
    await shared.browser?.close();
    shared.pages?.stop();
    await shared.server?.stop();
    rmSync(shared.folder, { recursive: true, force: true });
  });
  return shared;
}

/**
 * Opens the page at `url`, waits for its outcome, and asserts that it read what there is to read without a complaint.
 * Returns how it came by the WebAssembly module: by the `asset`, or by the `script` that holds it. It may complain of what
 * is `expected`, and reads by itself unless it `isRead` by a worker.
 */
export async function visit(browser, url, { expected, isRead = false } = {}) {
  const page = await browser.newPage();
  try {
    const [complaints, answers] = [[], []];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("response", (response) => answers.push(response));
    await page.goto(url);
    const shown = await page.waitForSelector("body[data-outcome]", { state: "attached", timeout: 30_000 });
    assert.deepEqual(JSON.parse(await shown.getAttribute("data-outcome")), EXPECTED);
    const modules = answers.filter((answer) => answer.url().includes(".wasm"));
    const isAsset = modules.some((answer) => answer.headers()["content-type"] === "application/wasm" && answer.ok());
    // A browser tells of every file that is not there; nothing else may be told of.
    const told = complaints.filter((text) => isAsset || !/404 \(Not Found\)/.test(text));
    if (expected) assert.ok(told.filter((text) => expected.test(text)).length === 1, `${expected} once among ${told}`);
    else assert.deepEqual(told, []);
    const reads = await shown.getAttribute("data-reads");
    if (reads !== null) assert.equal(Number(reads) === 0, isRead || url.includes("?worker"), `${reads} reads by the page`);
    const largest = Number(await shown.getAttribute("data-largest"));
    assert.equal(largest < HELD, isAsset, `as a file or in a script, not both: a script of ${largest} bytes`);
    return isAsset ? "asset" : "script";
  } finally {
    await page.close();
  }
}
