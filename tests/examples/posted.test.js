// What a worker reads by a handle is what the page would read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connect, isoString } from "btrdb-web";

import { recordings } from "./lib/folder.js";
import { examples } from "./lib/pages.js";

let folder;
let site;

before(async () => {
  folder = recordings();
  site = await examples({ data: folder.data });
});

after(async () => {
  await site?.stop();
  folder?.remove();
});

test("a posted stream is read in the worker", async () => {
  const stream = (await (await connect(site.server.url)).streams(["seismic/ya/uv06/hhz"])).at(0);
  const { time, value, version } = await stream.values();
  const page = await site.open("dist/posted/");
  await page.click("#read");
  await page.getByText("Read in").last().waitFor();
  await page.locator("#seen td").first().waitFor();
  assert.deepEqual(await page.locator("#seen td").allTextContents(), [
    String(time.length),
    isoString(time[0]),
    isoString(time.at(-1)),
    String(value.reduce((one, other) => Math.min(one, other))),
    String(value.reduce((one, other) => Math.max(one, other))),
    String(version),
  ]);
  await page.done();
});

test("a stream that is not there is said to be not there", async () => {
  const page = await site.open("dist/posted/");
  await page.fill("#path", "seismic/none");
  await page.click("#read");
  await page.getByText(/seismic\/none/).waitFor();
  await page.done();
});
