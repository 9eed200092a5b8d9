// What the page shows of the recording, by its pixels.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { PNG } from "pngjs";

import * as explorer from "./lib/explorer.js";
import { difference, extents, part, pixelsOf } from "./lib/pixels.js";
import { browser, server } from "./lib/stage.js";

const { DAY, QUAKE, STREAMS, lane, series, settled, until, view } = explorer;

/** The extents of UV05's columns, and the column of the quake. */
async function drawn(page) {
  const { series: ink, ground } = await explorer.colours(page, "uv05");
  const image = await pixelsOf(series(page, "uv05"));
  return { image, columns: extents(image, ink, ground), quake: await explorer.xOf(page, "uv05", QUAKE) };
}

/** Fails unless UV05 shows one narrow stroke at the quake that leaves everything else far behind. */
async function assertQuakeStandsOut(page) {
  const { image, columns, quake } = await drawn(page);
  const heights = columns.map((column) => column?.height ?? 0);
  const near = (x) => Math.abs(x - quake) <= 3;
  const peak = Math.max(...heights.filter((_, x) => near(x)));
  const rest = Math.max(...heights.filter((_, x) => !near(x)));
  assert.ok(peak > 0.75 * image.height, `the quake takes ${peak} of ${image.height} rows`);
  assert.ok(rest < 0.3 * peak, `elsewhere columns reach ${rest} rows, the quake ${peak}`);
  const wide = heights.filter((height) => height > 0.5 * peak).length;
  assert.ok(wide >= 1 && wide <= 4, `the quake is ${wide} columns wide`);
}

test("the page opens on the day with its quake, the credit, and no word to any other server", async () => {
  const page = await explorer.open(browser, server.url);
  await settled(page, 3);
  assert.deepEqual(await view(page), DAY);
  await assertQuakeStandsOut(page);
  assert.deepEqual([...page.origins], [server.url]);
  assert.match(await page.getByTestId("credit").innerText(), /UnderVolc.*CC BY 4\.0/);
  await explorer.close(page);
});

test("each of three stations shows its two hours or its day, and nothing outside of them", async () => {
  const page = await explorer.open(browser, server.url);
  await settled(page, 3);
  for (const [station, first, last] of [
    ["uv05", 0n, 24n],
    ["uv06", 6n, 9n],
    ["uv10", 6n, 9n],
  ]) {
    const { series: ink, ground } = await explorer.colours(page, station);
    const columns = extents(await pixelsOf(series(page, station)), ink, ground);
    const covered = columns.flatMap((column, x) => (column ? [x] : []));
    const hour = 3_600_000_000_000n;
    const [left, right] = await Promise.all([first, last].map((h) => explorer.xOf(page, station, DAY.start + h * hour)));
    assert.ok(covered.length > (right - left) * 0.6, `${station}: ${covered.length} columns`);
    assert.ok(covered[0] >= left - 1 && covered.at(-1) <= right, `${station}: ${covered[0]} to ${covered.at(-1)}`);
  }
  await explorer.close(page);
});

test("zoomed out to all there is, and on to years, the quake still shows", async () => {
  const page = await explorer.open(browser, explorer.link(server, [STREAMS.uv05], { ...DAY, end: DAY.start + 1_000n }));
  await settled(page);
  await page.getByTestId("plot").focus();
  await page.keyboard.press("f");
  await until(page, view, ({ start, end }) => start <= DAY.start && end >= DAY.end - 10_000_000n);
  await settled(page);
  await assertQuakeStandsOut(page);

  const { height, x, y, width } = await series(page, "uv05").boundingBox();
  const years = 10n * 365n * 86_400_000_000_000n;
  await page.mouse.move(x + width / 3, y + height / 2);
  await until(
    page,
    async () => {
      await page.mouse.wheel(0, 600);
      return view(page);
    },
    ({ start, end }) => end - start > years,
  );
  // The line under the pointer would hide it.
  await page.mouse.move(0, 0);
  await settled(page);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "years.png") });
  const { image, columns } = await drawn(page);
  const tallest = Math.max(...columns.map((column) => column?.height ?? 0));
  assert.ok(tallest > 0.75 * image.height, `at ten years the day is ${tallest} of ${image.height} rows high`);
  // Letters of the words beside it have a little of every colour.
  assert.equal(columns.filter((column) => column?.height > 20).length, 1, "a day of ten years is a hair");
  await explorer.close(page);
});

test("a link gives the same view again, to the nanosecond and to the pixel", async () => {
  const range = { start: QUAKE - 123_456_789_012n, end: QUAKE + 98_765_432_101n };
  const url = explorer.link(server, [STREAMS.uv05, STREAMS.uv10], range);
  const page = await explorer.open(browser, url);
  await settled(page, 2);
  const seen = async () => Promise.all(["uv05", "uv10"].map((station) => pixelsOf(lane(page, station))));
  const before = { view: await view(page), url: page.url(), pixels: await seen() };
  assert.deepEqual(before.view, range);
  assert.equal(before.url, url);
  await page.reload();
  await settled(page, 2);
  assert.deepEqual(await view(page), range);
  assert.equal(page.url(), url);
  (await seen()).forEach((pixels, index) => assert.equal(difference(pixels, before.pixels[index]), 0));
  await explorer.close(page);
});

for (const [name, width, height] of [
  ["wide", 1440, 900],
  ["tablet", 820, 1180],
  ["phone", 390, 844],
]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${name}, ${colorScheme}: the quake is on the first screen`, async () => {
      const page = await explorer.open(browser, server.url, { colorScheme, viewport: { width, height } });
      await settled(page, 3);
      await page.screenshot({ path: join(process.env.SCREENSHOTS, `first-${name}-${colorScheme}.png`) });
      await assertQuakeStandsOut(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
      await explorer.close(page);
    });
  }
}

/** Around a saved picture, above its lanes, below each of them, and below the axis for each, in CSS pixels. */
const [MARGIN, TITLE, RULE, NOTE] = [16, 30, 1, 18];
/** How far down in a lane its name reaches. */
const NAMED = 28;

test("the lanes in sight can be saved as a picture, which is the screen's to the pixel and says what it is of", async () => {
  for (const ratio of [1, 2]) {
    const page = await explorer.open(browser, explorer.link(server, [STREAMS.uv05, STREAMS.uv06], DAY), {
      deviceScaleFactor: ratio,
      acceptDownloads: true,
    });
    await settled(page, 2);
    await page.mouse.move(0, 0);
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("p")]);
    assert.match(download.suggestedFilename(), /^\S.* UTC\.png$/);
    const file = join(process.env.SCREENSHOTS, `saved-${ratio}.png`);
    await download.saveAs(file);
    const saved = PNG.sync.read(readFileSync(file));
    const height = (locator) => locator.evaluate(({ clientHeight }) => clientHeight);
    let top = MARGIN + TITLE;
    for (const station of ["uv05", "uv06"]) {
      const shown = await pixelsOf(series(page, station));
      const box = await series(page, station).boundingBox();
      const gutter = box.x - (await lane(page, station).boundingBox()).x;
      // Of a canvas that begins within a pixel the screen shows that as its first, and the image has the whole ones.
      const first = (Math.ceil(box.y) - Math.round(box.y) + NAMED) * ratio;
      const rows = Math.min(Math.floor(box.height) * ratio - first, shown.height - NAMED * ratio);
      const here = part(saved, (MARGIN + gutter) * ratio, top * ratio + first, shown.width, rows);
      assert.equal(difference(here, part(shown, 0, NAMED * ratio, shown.width, rows)), 0, `${station} at ${ratio}`);
      top += (await height(lane(page, station).locator("canvas.base"))) + RULE;
    }
    const axis = await height(page.getByTestId("axis").locator("canvas"));
    assert.equal(saved.height, Math.round((top + axis + 2 * NOTE + MARGIN) * ratio));
    assert.match(await page.getByTestId("said").innerText(), /^saved .*\.png$/);
    await explorer.close(page);
  }
});
