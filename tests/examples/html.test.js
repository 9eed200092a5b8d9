// The plain page, from a server of files of another origin.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";

import { recordings } from "./lib/folder.js";
import { EXAMPLES, examples, keepPicture } from "./lib/pages.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

let folder;
let files;
let origin;
let site;

before(async () => {
  files = createServer(({ url }, answer) => {
    const { pathname } = new URL(url, "http://localhost");
    answer.setHeader("content-type", TYPES[extname(pathname)] ?? "text/plain");
    createReadStream(join(EXAMPLES, pathname)).on("error", () => answer.writeHead(404).end()).pipe(answer);
  }).listen(0, "127.0.0.1");
  await once(files, "listening");
  origin = `http://127.0.0.1:${files.address().port}`;
  folder = recordings();
  site = await examples({ data: folder.data, extra: ["--cors-origin", origin] });
});

after(async () => {
  files?.close();
  await site?.stop();
  folder?.remove();
});

test("a plain page draws all points of a stream", async () => {
  const page = await site.open(`${origin}/html/index.html?server=${site.server.url}`);
  await page.getByText("hhz: 8640000 points").waitFor();
  const drawn = await page.locator("canvas").evaluate((canvas) => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = new Set();
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) columns.add(((at - 3) / 4) % width);
    return { columns: columns.size, width };
  });
  assert.equal(drawn.columns, drawn.width, "every column of the canvas has a window");
  await keepPicture(page, "html");
  await page.done();
});
