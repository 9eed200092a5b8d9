// The dashboard shows what the server has, and follows what comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { StreamSet, connect } from "btrdb-web";

import { pixelsOf } from "../e2e/lib/pixels.js";
import { simulated } from "./lib/folder.js";
import { examples, keepPicture } from "./lib/pages.js";

let folder;
let site;
let connection;

before(async () => {
  folder = simulated("--pmus", "2", "--duration", "2m");
  site = await examples({ data: folder.data });
  connection = await connect(site.server.url);
});

after(async () => {
  await site?.stop();
  folder?.remove();
});

/** What the table says each stream has, once it speaks of as many streams as are chosen. */
async function told(page, streams) {
  await page.locator("#summary tr").nth(streams - 1).waitFor();
  const rows = await page.locator("#summary tr").all();
  return Promise.all(rows.map((row) => row.evaluate(({ dataset: { uuid, points } }) => [uuid, points])));
}

const counted = (streams) =>
  Promise.all(streams.map(async (each) => [each.uuid, String(await each.count(undefined, undefined, { precise: true }))]));

/** How many pixels of a canvas are not transparent, which lines, bands and axes are. */
const inked = (page) =>
  page.locator("#lines canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((part, at) => at % 4 === 3 && part > 0).length;
  });

for (const colorScheme of ["light", "dark"]) {
  test(`every point is in the picture, on a ${colorScheme} page`, async () => {
    const page = await site.open("dist/dashboard/", { colorScheme });
    const streams = await connection.streamsInCollection("synthetic/pmu-001");
    assert.deepEqual(await told(page, 2), await counted(streams.slice(0, 2)));
    await page.locator("#often .bars path").first().waitFor();
    assert.ok((await inked(page)) > 10_000);
    const { data } = await pixelsOf(page.locator("body"));
    assert.equal(data[0] < 100, colorScheme === "dark");
    await keepPicture(page, `dashboard-${colorScheme}`);
    await page.done();
  });
}

test("collection, streams, time and windows can be chosen", async () => {
  const page = await site.open("dist/dashboard/");
  await told(page, 2);
  const others = await connection.streamsInCollection("synthetic/pmu-002");
  await page.selectOption("[name=collection]", "synthetic/pmu-002");
  await page.locator(`#summary [data-uuid="${others[0].uuid}"]`).waitFor();
  await page.locator("[name=stream]").nth(2).check();
  assert.deepEqual(await told(page, 3), await counted(others.slice(0, 3)));

  await page.selectOption("[name=range]", "60");
  await page.selectOption("[name=width]", "1");
  await page.getByText("windows of 1 s").waitFor();
  const set = new StreamSet(others.slice(0, 3));
  const ends = (await set.latest()).map(({ time }) => time);
  const end = ends.reduce((one, other) => (one > other ? one : other)) + 1n;
  const expected = others.slice(0, 3).map(async (each) => {
    return [each.uuid, String(await each.count(end - 60_000_000_000n, end, { precise: true }))];
  });
  assert.deepEqual(await told(page, 3), await Promise.all(expected));
  await page.done();
});

test("a live dashboard shows what is inserted", async () => {
  const stream = await connection.create(crypto.randomUUID(), "live/test", { name: "ramp", unit: "volts" });
  const start = 1_800_000_000_000_000_000n;
  const points = (from, to) =>
    Array.from({ length: to - from }, (_, at) => ({ time: start + BigInt(from + at) * 1_000_000n, value: from + at }));
  await stream.insert(points(0, 100));
  const page = await site.open("dist/dashboard/");
  await page.selectOption("[name=collection]", "live/test");
  await page.locator('#summary [data-points="100"]').waitFor();
  await page.locator("[name=live]").check();
  await stream.insert(points(100, 250));
  await page.locator('#summary [data-points="250"]').waitFor({ timeout: 5000 });
  await page.done();
});
