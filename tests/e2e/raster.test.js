// The rasteriser's vectors against the same written plainly: pictures painted in Chromium, and natively.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import { startServer } from "./lib/server.js";

const { PICTURES } = process.env;
/** As in `tests/pictures`. */
const COUNT = 48;
const ROW = 4 * 203;

let server;
let browser;

before(async () => {
  server = await startServer({ app: PICTURES });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("pictures are the same to the bit in Chromium and natively", async () => {
  const page = await browser.newPage();
  await page.goto(server.url);
  const painted = await page.evaluate(async (count) => {
    const { default: init, picture } = await import("/btrdb_pictures.js");
    await init({ module_or_path: "/btrdb_pictures_bg.wasm" });
    return Array.from({ length: count }, (_, number) => new Uint8Array(picture(number)).toBase64?.() ?? [...picture(number)]);
  }, COUNT);
  await page.close();
  const native = readFileSync(join(PICTURES, "native.bin"));
  let at = 0;
  painted.forEach((picture, number) => {
    const bytes = Buffer.from(picture, typeof picture === "string" ? "base64" : undefined);
    const expected = native.subarray(at, (at += bytes.length));
    const wrong = bytes.findIndex((byte, index) => byte !== expected[index]);
    const place = `row ${Math.floor(wrong / ROW)}, column ${Math.floor((wrong % ROW) / 4)}`;
    assert.equal(wrong, -1, `picture ${number}, ${place}: ${bytes[wrong]} for ${expected[wrong]}`);
    assert.ok(new Set(bytes).size > 8, `picture ${number} is all but empty`);
  });
  assert.equal(at, native.length);
});
