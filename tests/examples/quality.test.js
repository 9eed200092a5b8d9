// The scores are those of the points.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connect } from "btrdb-web";

import { recordings } from "./lib/folder.js";
import { examples, keepPicture } from "./lib/pages.js";

const SECOND = 1_000_000_000n;
const HALF_DAY = 43_200n * SECOND;
const MIDNIGHT = 1_283_299_200n * SECOND;

let folder;
let site;
let connection;

before(async () => {
  folder = recordings();
  site = await examples({ data: folder.data });
  connection = await connect(site.server.url);
});

after(async () => {
  await site?.stop();
  folder?.remove();
});

/** Has the page score a collection, and returns what it says of each chunk. */
async function scores(page, wishes) {
  for (const [name, value] of Object.entries(wishes)) await page.fill(`[name=${name}]`, String(value));
  await page.click("#score");
  await page.getByText(/points in \d+ chunks, scored/).waitFor({ timeout: 60_000 });
  const rows = await page.locator("#scores tr").all();
  return Promise.all(rows.map((row) => row.evaluate(({ dataset }) => JSON.parse(dataset.score))));
}

/** The score of points a second apart, found in as plain a way as there is. */
function expected({ time, value }, start, end, { low, high }) {
  const times = [start, ...time, end];
  const gaps = times.slice(1).map((at, place) => Number(at - times[place])).filter((gap) => gap > 1.5e9);
  const minutes = new Map();
  time.forEach((at, place) => {
    const minute = at / (60n * SECOND);
    minutes.set(minute, [...(minutes.get(minute) ?? []), place]);
  });
  const isFlat = (places) => places.length > 1 && new Set(places.map((place) => value[place])).size === 1;
  return {
    points: time.length,
    share: time.length / Number((end - start) / SECOND),
    flatMinutes: [...minutes.values()].filter(isFlat).length,
    outOfRange: [...value].filter((value) => value < low || value > high).length,
    gaps: gaps.length,
    longestGap: String(Math.max(0, ...gaps)),
  };
}

test("planted faults are found, each in its chunk", async () => {
  const stream = await connection.create(crypto.randomUUID(), "faulty/test", { name: "planted" });
  const places = Array.from({ length: 86_400 }, (_, place) => place).filter((place) => place < 4000 || place >= 4600);
  const value = (place) => (place >= 50_040 && place < 50_220 ? 7 : place % 10_000 === 17 ? 99 : Math.sin(place));
  const version = await stream.insert(places.map((place) => [MIDNIGHT + BigInt(place) * SECOND, value(place)]));
  assert.ok(version > 0n);

  const page = await site.open("dist/quality/");
  const found = await scores(page, { collection: "faulty/test", rate: 1, low: -10, high: 10 });
  const halves = [MIDNIGHT, MIDNIGHT + HALF_DAY].map(async (start) => {
    return expected(await stream.values(start, start + HALF_DAY), start, start + HALF_DAY, { low: -10, high: 10 });
  });
  assert.deepEqual(found, await Promise.all(halves));
  assert.deepEqual(found.map(({ flatMinutes, gaps, outOfRange }) => [flatMinutes, gaps, outOfRange]), [[0, 1, 5], [3, 0, 4]]);
  assert.equal(found[0].longestGap, "601000000000");
  await page.done();
});

test("every point of the recordings is scored", async () => {
  const page = await site.open("dist/quality/");
  const found = await scores(page, { collection: "seismic/", rate: 100, low: "", high: "" });
  const streams = await connection.streamsInCollection("seismic/", { prefix: true });
  const counts = streams.map((stream) => stream.count(undefined, undefined, { precise: true }));
  const total = (await Promise.all(counts)).reduce((sum, count) => sum + count);
  assert.equal(found.length, 2 * streams.length);
  assert.equal(BigInt(found.reduce((sum, { points }) => sum + points, 0)), total);
  const cells = await page.locator(".cell").evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.good)));
  assert.equal(cells.length, found.length);
  assert.equal(cells.filter((good) => good === 1).length, found.filter(({ share }) => share === 1).length);
  await keepPicture(page, "quality");
  await page.done();
});

test("what cannot be read is said", async () => {
  const page = await site.open("dist/quality/?server=http://127.0.0.1:1");
  await page.click("#score");
  await page.getByText(/cannot be reached/).waitFor();
  await page.close();
});
