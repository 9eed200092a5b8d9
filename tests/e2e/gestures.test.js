// Moving through the recording by mouse and by keyboard.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import * as explorer from "./lib/explorer.js";
import { pixelsOf, share } from "./lib/pixels.js";
import { browser, server } from "./lib/stage.js";
import { drag, seen, travelled, watch } from "./lib/watch.js";

const { DAY, MINUTE, QUAKE, STREAMS, lane, link, other, series, settled, span, until, view } = explorer;
const SAMPLE = 10_000_000n;


test("the search finds a stream by part of its path, and one click opens it", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  await page.keyboard.press("/");
  await until(page, () => page.evaluate(() => document.activeElement.dataset.testid), (id) => id === "search");
  await page.keyboard.type("uv10 hhz");
  const rows = page.getByTestId("stream-row");
  await until(page, () => rows.count(), (count) => count === 1);
  assert.equal(await rows.getAttribute("data-stream"), STREAMS.uv10);
  await rows.click();
  await settled(page, 2);
  assert.equal(await lane(page, "uv10").getAttribute("data-state"), "OK");
  assert.deepEqual(await view(page), DAY, "opening a stream does not move the view");

  await page.getByTestId("search").fill("nothing is called so");
  await page.getByText("No stream matches").waitFor();
  await explorer.close(page);
});

test("who has chosen nothing is offered a collection, a long recording and a recent hour", async () => {
  const page = await explorer.open(browser);
  await page.route("**/config.json", (route) => route.fulfill({ json: {} }));
  await page.goto(server.url);
  const examples = page.getByTestId("example");
  const texts = await until(page, () => examples.allInnerTexts(), (texts) => texts.length === 3);
  [/3 streams together\s+seismic\/ya$/, /A long recording\s+seismic\/ya\/uv05\/hhz/, /A recent hour/].forEach((words, at) =>
    assert.match(texts[at], words),
  );
  await examples.nth(2).click();
  await settled(page);
  const { start, end } = await view(page);
  assert.ok(end - start === 60n * MINUTE && end - DAY.end <= 1n, "the last hour of the day");
  await page.keyboard.press("z");
  await examples.first().waitFor();
  await explorer.close(page);
});

test("the wheel zooms at the pointer, from the day down to single samples", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const x = Math.round(await explorer.xOf(page, "uv05", QUAKE));
  const under = (range) => range.start + BigInt(Math.round((Number(span(range)) * (x + 0.5)) / box.width));
  await page.mouse.move(box.x + x + 0.5, box.y + box.height / 2);
  const time = under(await view(page));
  const resolutions = [];
  await until(
    page,
    async () => {
      await page.mouse.wheel(0, -240);
      resolutions.push(await lane(page, "uv05").getAttribute("data-resolution"));
      return view(page);
    },
    (range) => span(range) < 2n * MINUTE,
  );
  await settled(page);
  const close = await view(page);
  const pixel = Number(span(DAY)) / box.width;
  assert.ok(Math.abs(Number(under(close) - time)) < 2 * pixel, "the time under the pointer stays");
  assert.ok(!resolutions.includes("none"), `something is drawn at every step: ${resolutions}`);

  // The quake is now within reach of the pointer; the rest of the way goes towards it.
  await page.mouse.move(box.x + (await explorer.xOf(page, "uv05", QUAKE)), box.y + box.height / 2);
  await until(
    page,
    async () => {
      await page.mouse.wheel(0, -120);
      return view(page);
    },
    (range) => span(range) < 100n * SAMPLE,
  );
  await settled(page);
  assert.equal(await lane(page, "uv05").getAttribute("data-resolution"), "raw");
  assert.match(await page.getByTestId("windows").innerText(), /raw points/);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "samples.png") });
  await page.mouse.move(box.x + (await explorer.xOf(page, "uv05", QUAKE)), box.y + box.height / 2);
  const reading = lane(page, "uv05").getByTestId("reading");
  await until(page, () => reading.innerText(), (text) => /07:33:36\.04/.test(text) && /242.?297/.test(text));
  await explorer.close(page);
});

test("single samples are dots, one every 10 ms", async () => {
  const range = { start: QUAKE - 25n * SAMPLE, end: QUAKE + 25n * SAMPLE };
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], range));
  await settled(page);
  const { series: ink, ground } = await explorer.colours(page, "uv05");
  const image = await pixelsOf(series(page, "uv05"));
  // A dot four pixels across fills 12.6 pixels; no stretch of the line, 1.5 pixels thick, fills that many of a square of 25.
  const around = [-2, -1, 0, 1, 2];
  const filled = (x, y) =>
    around.reduce((sum, dx) => around.reduce((sum, dy) => sum + share(image, x + dx, y + dy, ink, ground), sum), 0);
  const hasDot = (x) => Array.from({ length: image.height - 4 }, (_, y) => y + 2).some((y) => filled(x, y) > 11.2);
  const spacing = image.width / 50;
  let between = 0;
  for (let sample = 1; sample < 50; sample += 1) {
    const x = Math.round(sample * spacing);
    assert.ok([x - 1, x, x + 1].some(hasDot), `sample ${sample} is a dot at column ${x}`);
    if (hasDot(Math.round((sample + 0.5) * spacing))) between += 1;
  }
  assert.ok(between < 10, `there is none in the middle between two, but for where the line is steep: ${between}`);
  await explorer.close(page);
});

test("a drag moves the recording with the pointer and never shows a hole", async () => {
  const start = QUAKE - 40n * MINUTE;
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], { start, end: start + 20n * MINUTE }));
  await settled(page);
  const before = await view(page);
  const box = await series(page, "uv05").boundingBox();
  await page.evaluate(watch, { holes: true });
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.1, box.y + box.height / 2, { steps: 40 });
  await page.mouse.up();
  await until(page, view, other(before));
  await settled(page);
  const watched = await seen(page);
  const { frames } = watched;
  const moved = Number((await view(page)).start - before.start) / Number(span(before));
  assert.ok(Math.abs(moved - 0.7) < 0.02, `the view moved by ${moved} of its width`);
  assert.equal(span(await view(page)), span(before), "and kept its length to the nanosecond");
  const views = new Set(frames.map((frame) => frame.viewStart));
  assert.ok(views.size > 5, `${views.size} different views were seen in ${frames.length} frames`);
  assertNoHoles(watched);
  await explorer.close(page);
});

test("three seconds of dragging at 1,000 pixels a second, and of keys, uncover nothing that has been seen", async () => {
  const range = { start: QUAKE - 40n * MINUTE, end: QUAKE - 20n * MINUTE };
  const unloaded = await explorer.open(browser);
  await unloaded.route(/Windows|RawValues/, () => {});
  await unloaded.goto(link(server, [STREAMS.uv05], range));
  await until(unloaded, () => unloaded.getByTestId("lane-message").count(), (count) => count === 1);
  await unloaded.evaluate(watch, { holes: true });
  const blank = await until(unloaded, seen, ({ frames }) => frames.length > 0);
  assert.equal(blank.frames[0].unloaded, blank.width, "a hole would be seen");
  await explorer.close(unloaded);

  const page = await explorer.open(browser, link(server, [STREAMS.uv05], range));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  await drag(page, box, 1.8);
  await settled(page);
  await page.evaluate(watch, { holes: true });
  const begun = performance.now();
  await drag(page, box, 3);
  const pace = travelled(await seen(page)) / (performance.now() - begun);
  assert.ok(pace > 0.35, `${pace} pixels a millisecond`);
  await page.getByTestId("plot").focus();
  // A tenth of the width at a time, as a key that is held down repeats it.
  for (const key of ["d", "a"]) {
    for (let press = 0; press < 8; press += 1) {
      await page.keyboard.press(key);
      await page.waitForTimeout(100);
    }
  }
  const { frames } = await seen(page);
  assert.ok(frames.length > 30, `${frames.length} frames`);
  assert.deepEqual(frames.filter((frame) => frame.unloaded > 0), [], "in every frame every column has data");
  await explorer.close(page);
});

test("zooming in and out in a rush never shows a hole either", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  await page.evaluate(watch, { holes: true });
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
  for (const turn of [-300, -300, -300, -300, -300, -300, 200, 200, 200, -400, -400, 300]) {
    const now = await view(page);
    await page.mouse.wheel(0, turn);
    await until(page, view, other(now));
  }
  await settled(page);
  const watched = await seen(page);
  const { frames } = watched;
  assert.ok(frames.length > 12, `${frames.length} frames`);
  assertNoHoles(watched);
  await explorer.close(page);
});

function assertNoHoles({ frames, width }) {
  assert.deepEqual(frames.filter((frame) => frame.unloaded > 0), [], "every column has data in every frame");
  // The value axis moves at most four times a second, so that some of the data may lie beyond it for a moment.
  const most = Math.max(...frames.map((frame) => frame.bare / width));
  assert.ok(most < 0.5, `up to ${(most * 100).toFixed(1)} % of the columns are bare`);
}

test("the window in the overview moves the view, and a marked range fills it", async () => {
  const hour = 60n * MINUTE;
  const range = { start: DAY.start + 4n * hour, end: DAY.start + 6n * hour };
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], range));
  await settled(page);
  const grip = await page.getByTestId("overview-window").boundingBox();
  const whole = await series(page, "uv05").boundingBox();
  const middle = { x: grip.x + grip.width / 2, y: grip.y + grip.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + whole.width / 4, middle.y, { steps: 5 });
  await page.mouse.up();
  const moved = await until(page, view, other(range));
  await settled(page);
  const hours = Number((await view(page)).start - range.start) / Number(hour);
  assert.ok(Math.abs(hours - 6) < 0.2, `a quarter of the overview is ${hours} hours of a day`);
  assert.equal(span(await view(page)), span(moved));

  const before = await view(page);
  await page.keyboard.down("Shift");
  await page.mouse.move(whole.x + whole.width * 0.25, whole.y + 40);
  await page.mouse.down();
  await page.mouse.move(whole.x + whole.width * 0.75, whole.y + 40, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await until(page, view, other(before));
  await settled(page);
  const marked = await view(page);
  assert.ok(Math.abs(Number(span(marked)) / Number(span(before)) - 0.5) < 0.01, "half of the width was marked");
  assert.ok(Math.abs(Number(marked.start - before.start) / Number(span(before)) - 0.25) < 0.01);
  await explorer.close(page);
});

test("keys pan, zoom, fit and undo", async () => {
  const range = { start: QUAKE - 60n * MINUTE, end: QUAKE + 60n * MINUTE };
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], range));
  await settled(page);
  await page.keyboard.press("Tab");
  await page.getByTestId("plot").focus();
  const press = async (key) => {
    const before = await view(page);
    await page.keyboard.press(key);
    await until(page, view, other(before));
    await settled(page);
    return { before, now: await view(page) };
  };
  const right = await press("ArrowRight");
  assert.ok(right.now.start > right.before.start && span(right.now) === span(right.before));
  const left = await press("a");
  assert.ok(left.now.start < left.before.start && span(left.now) === span(left.before));
  const near = await press("ArrowUp");
  assert.ok(span(near.now) < span(near.before));
  const far = await press("s");
  assert.ok(span(far.now) > span(far.before));
  const fit = await press("f");
  assert.ok(fit.now.start <= DAY.start && fit.now.end >= DAY.end - SAMPLE);
  const undone = await press("z");
  assert.deepEqual(undone.now, fit.before);
  await explorer.close(page);
});
