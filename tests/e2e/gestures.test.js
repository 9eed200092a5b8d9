// Moving through the recording by mouse and by keyboard.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import * as explorer from "./lib/explorer.js";
import { pixelsOf, share } from "./lib/pixels.js";
import { startServer } from "./lib/server.js";

const { DAY, QUAKE, STREAMS, lane, link, series, settled, until, view } = explorer;
const MINUTE = 60_000_000_000n;
const SAMPLE = 10_000_000n;

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const span = ({ start, end }) => end - start;
const other = (before) => (now) => now.start !== before.start || now.end !== before.end;

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

test("the wheel zooms at the pointer, from the day down to single samples", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const x = Math.round(await explorer.xOf(page, "uv05", QUAKE));
  const under = (range) => range.start + BigInt(Math.round((Number(span(range)) * (x + 0.5)) / box.width));
  await page.mouse.move(box.x + x + 0.5, box.y + box.height / 2);
  const time = under(await view(page));
  const seen = [];
  await until(
    page,
    async () => {
      await page.mouse.wheel(0, -240);
      seen.push(await lane(page, "uv05").getAttribute("data-resolution"));
      return view(page);
    },
    (range) => span(range) < 2n * MINUTE,
  );
  await settled(page);
  const close = await view(page);
  const pixel = Number(span(DAY)) / box.width;
  assert.ok(Math.abs(Number(under(close) - time)) < 2 * pixel, "the time under the pointer stays");
  assert.ok(!seen.includes("none"), `something is drawn at every step: ${seen}`);

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
  await page.evaluate(watchForHoles, STREAMS.uv05);
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.1, box.y + box.height / 2, { steps: 40 });
  await page.mouse.up();
  await until(page, view, other(before));
  await settled(page);
  const frames = await page.evaluate(() => window.frames_seen);
  const moved = Number((await view(page)).start - before.start) / Number(span(before));
  assert.ok(Math.abs(moved - 0.7) < 0.02, `the view moved by ${moved} of its width`);
  assert.equal(span(await view(page)), span(before), "and kept its length to the nanosecond");
  const views = new Set(frames.map((frame) => frame.start));
  assert.ok(views.size > 5, `${views.size} different views were seen in ${frames.length} frames`);
  assertNoHoles(frames);
  await explorer.close(page);
});

test("zooming in and out in a rush never shows a hole either", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  await page.evaluate(watchForHoles, STREAMS.uv05);
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
  for (const turn of [-300, -300, -300, -300, -300, -300, 200, 200, 200, -400, -400, 300]) {
    const now = await view(page);
    await page.mouse.wheel(0, turn);
    await until(page, view, other(now));
  }
  await settled(page);
  const frames = await page.evaluate(() => window.frames_seen);
  assert.ok(frames.length > 12, `${frames.length} frames`);
  assertNoHoles(frames);
  await explorer.close(page);
});

function assertNoHoles(frames) {
  assert.deepEqual(frames.filter((frame) => frame.unloaded > 0), [], "every column has data in every frame");
  // The value axis moves at most four times a second, so that some of the data may lie beyond it for a moment.
  const most = Math.max(...frames.map((frame) => frame.bare / frame.width));
  assert.ok(most < 0.5, `up to ${(most * 100).toFixed(1)} % of the columns are bare`);
}

/** Notes in every frame how many columns of a lane are bare of its stream, and how many are not loaded. Runs in the page. */
function watchForHoles(stream) {
  const canvas = document.querySelector(`[data-stream="${stream}"] canvas.series`);
  const plot = document.querySelector("[data-testid=plot]");
  // The hatch of what is not loaded is fainter than the faintest ink of a stream, its band, and recurs every few rows.
  const [inkFrom, hatchRows] = [50, 3];
  window.frames_seen = [];
  const look = () => {
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    let [bare, unloaded] = [0, 0];
    for (let x = 0; x < width; x += 1) {
      let [ink, hatch] = [false, 0];
      for (let y = 0; y < height && !ink; y += 1) {
        const alpha = pixels[(y * width + x) * 4 + 3];
        ink ||= alpha >= inkFrom;
        if (alpha > 0) hatch += 1;
      }
      if (!ink) bare += 1;
      if (!ink && hatch >= hatchRows) unloaded += 1;
    }
    window.frames_seen.push({ start: plot.dataset.viewStart, width, bare, unloaded });
    requestAnimationFrame(look);
  };
  look();
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
