// Moving by wheel, finger and key: what stays where it is, what moves on, and every way back.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as explorer from "./lib/explorer.js";
import { browser, server } from "./lib/stage.js";

const { DAY, HOUR, QUAKE, STREAMS, lane, link, other, series, settled, span, until, view } = explorer;
const AROUND = { start: QUAKE - HOUR, end: QUAKE + HOUR };

const hash = (page) => page.evaluate(() => location.hash);
/** What the address says of one thing. */
const said = async (page, key) => new URLSearchParams((await hash(page)).slice(1)).get(key);

/** Waits until nothing moves and gives the view. */
async function rested(page, lanes = 1) {
  await settled(page, lanes);
  return view(page);
}

/** Turns the wheel over a lane once per frame and gives the view after each turn. Runs in the page. */
async function turn({ x, y, turns }) {
  const plot = document.querySelector("[data-testid=plot]");
  const canvas = document.elementFromPoint(x, y);
  const views = [];
  for (const deltaY of turns) {
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, clientX: x, clientY: y, bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
    views.push([plot.dataset.viewStart, plot.dataset.viewEnd]);
  }
  return views;
}

async function turned(page, x, y, turns) {
  const views = await page.evaluate(turn, { x, y, turns });
  return views.map(([start, end]) => ({ start: BigInt(start), end: BigInt(end) }));
}

test("fifty turns of the wheel in and fifty out come back to the pixel; from 146 years to nanoseconds in leaps of two at most", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const [x, y] = [box.x + box.width * 0.37, box.y + box.height / 2];
  const there = await turned(page, x, y, [...Array(50).fill(-100), ...Array(50).fill(100)]);
  const back = there.at(-1);
  const off = (Number(back.start - DAY.start) / Number(span(DAY))) * box.width;
  assert.ok(Math.abs(off) <= 1 && Math.abs(Number(span(back) - span(DAY)) / Number(span(DAY))) * box.width <= 1, `${off} px`);
  assert.ok(Number(span(there[49])) < Number(span(DAY)) / 1e6, "it was a long way");

  const out = await turned(page, x, y, Array(30).fill(1e6));
  assert.equal(span(out.at(-1)), 4_611_686_018_427_387_904n, "all of time");
  const into = await turned(page, x, y, Array(62).fill(-1e6));
  let before = out.at(-1);
  for (const now of into) {
    assert.ok(span(before) <= 2n * span(now) + 2n, `one turn from ${span(before)} ns to ${span(now)} ns`);
    before = now;
  }
  assert.ok(box.width / Number(span(before)) >= 9, `${span(before)} ns on ${box.width} px: a nanosecond is nine pixels`);
  await explorer.close(page);
});

/** Fingers on the screen, by the protocol that browsers are driven with; `at` is in seconds, so that speeds are exact. */
async function fingers(page) {
  const session = await page.context().newCDPSession(page);
  const begun = Date.now() / 1000;
  return (type, at, ...points) => {
    const touchPoints = points.map(([x, y], id) => ({ x, y, id }));
    return session.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: begun + at });
  };
}

async function flick(page, box) {
  const touch = await fingers(page);
  const y = box.y + box.height / 2;
  await touch("touchStart", 0, [box.x + 300, y]);
  for (let step = 1; step <= 10; step += 1) await touch("touchMove", step * 0.016, [box.x + 300 - step * 20, y]);
  await touch("touchEnd", 0.165);
  return touch;
}

const PHONE = { hasTouch: true, viewport: { width: 390, height: 844 } };

test("a flick moves on and slows down by itself, and a touch stops it at once", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND), PHONE);
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const dragged = (200 / box.width) * Number(span(AROUND));
  await flick(page, box);
  const end = await rested(page);
  assert.ok(Number(end.start - AROUND.start) > 1.5 * dragged, "further than the finger went");
  assert.equal(span(end), span(AROUND));

  const touch = await flick(page, box);
  await until(page, view, other(end));
  await touch("touchStart", 0.2, [box.x + 100, box.y + 50]);
  const frames = await page.evaluate(async () => {
    const { dataset } = document.querySelector("[data-testid=plot]");
    const seen = [];
    for (let frame = 0; frame < 12; frame += 1) {
      await new Promise(requestAnimationFrame);
      seen.push(dataset.viewStart);
    }
    return seen;
  });
  assert.equal(new Set(frames.slice(1)).size, 1, `still after one frame: ${frames}`);
  await touch("touchEnd", 1);
  await explorer.close(page);
});

test("where motion is not wanted, a flick ends with the finger and views change at once", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND), { ...PHONE, reducedMotion: "reduce" });
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  await flick(page, box);
  const moved = Number((await rested(page)).start - AROUND.start) / Number(span(AROUND));
  assert.ok(Math.abs(moved * box.width - 200) <= 4, `${moved * box.width} px, as far as the finger went`);
  await page.getByTestId("plot").focus();
  const after = await page.evaluate(async () => {
    const { dataset } = document.querySelector("[data-testid=plot]");
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
    await new Promise(requestAnimationFrame);
    return dataset.viewStart;
  });
  assert.ok(BigInt(after) <= DAY.start, "in the next frame");
  await explorer.close(page);
});

test("two fingers keep the times that they were put on, and upright ones the values", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND), PHONE);
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const touch = await fingers(page);
  const y = box.y + box.height / 2;
  const time = (range, x) => Number(range.start) + (Number(span(range)) * (x - box.x)) / box.width;
  const [a, b] = [box.x + 100, box.x + 180];
  const before = await view(page);
  await touch("touchStart", 0, [a, y], [b, y]);
  for (let step = 1; step <= 12; step += 1) await touch("touchMove", step * 0.016, [a - step * 5, y], [b + step * 8, y]);
  const off = (now) =>
    [[a, a - 60], [b, b + 96]].map(([from, to]) => ((time(now, to) - time(before, from)) / Number(span(now))) * box.width);
  await until(page, view, (now) => off(now).every((pixels) => Math.abs(pixels) <= 2));
  await touch("touchEnd", 1);
  const level = await rested(page);
  assert.equal(await lane(page, "uv05").getAttribute("data-held"), "false");
  await touch("touchStart", 2, [a, y - 40], [a + 8, y + 40]);
  for (let step = 1; step <= 8; step += 1) await touch("touchMove", 2 + step * 0.016, [a, y - 40 - step * 5], [a + 8, y + 40 + step * 5]);
  await touch("touchEnd", 3);
  assert.deepEqual(await rested(page), level, "the times stay");
  assert.equal(await lane(page, "uv05").getAttribute("data-held"), "true");
  await explorer.close(page);
});

/** The scale that the address says is held, from low to high. */
async function heldValues(page, before) {
  const read = async () => (await said(page, "values"))?.split(",")[0].split(":").slice(1).map(Number);
  return until(page, read, (now) => now && String(now) !== String(before));
}

async function mark(page, from, to) {
  await page.keyboard.down("Shift");
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
}

test("what is marked fills the plot, across, upwards or both, to the nanosecond", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  await page.mouse.move(box.x + 200, box.y + 100);
  await lane(page, "uv05").getByTestId("hold-values").click();
  const [low, high] = await heldValues(page);
  const before = await view(page);
  const from = { x: Math.round(box.x + 300), y: Math.round(box.y + 100) };
  const to = { x: from.x + 400, y: from.y + 200 };
  await mark(page, from, to);
  await until(page, view, other(before));
  const now = await rested(page);
  const pixel = Number(span(before)) / box.width;
  const at = (x) => Number(before.start) + (x - box.x) * pixel;
  assert.ok(Math.abs(Number(now.start) - at(from.x)) <= pixel && Math.abs(Number(now.end) - at(to.x)) <= pixel, "times");
  const step = (high - low) / box.height;
  const value = (y) => high - (y - box.y) * step;
  const [bottom, top] = await heldValues(page, [low, high]);
  assert.ok(Math.abs(top - value(from.y)) <= step && Math.abs(bottom - value(to.y)) <= step, "values");
  assert.equal(BigInt(await said(page, "start")), now.start, "the address has the same nanosecond");

  await mark(page, { x: to.x, y: from.y + 60 }, { x: to.x + 5, y: from.y });
  await heldValues(page, [bottom, top]);
  assert.deepEqual(await rested(page), now, "marking upwards leaves the times");
  await explorer.close(page);
});

test("every view that a mouse can reach can be reached by keys, which can be switched off and leave fields alone", async () => {
  const allowed = { permissions: ["clipboard-read", "clipboard-write"] };
  const page = await explorer.open(browser, link(server, [STREAMS.uv05, STREAMS.uv10], AROUND), allowed);
  await settled(page, 2);
  await page.getByTestId("plot").focus();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    return rested(page, 2);
  };
  // Any range: marks at its two ends, each brought to the middle, and the view is what lies between.
  const first = await press("ArrowRight", "ArrowUp", "m");
  const second = await press("Shift+ArrowRight", "m");
  const between = await press("f");
  const middle = ({ start, end }) => start + (end - start) / 2n;
  assert.ok(Math.abs(Number(between.start - middle(first))) <= 1 && Math.abs(Number(between.end - middle(second))) <= 1);
  assert.match(await page.getByTestId("marked").innerText(), /Δ .* ns/);
  const whole = await press("f");
  assert.ok(whole.start <= DAY.start && whole.end >= DAY.end - 10_000_000n, "again: all data");
  // Any values.
  await press("i");
  const zoomed = await heldValues(page);
  await press("Shift+u");
  const raised = await heldValues(page, zoomed);
  assert.ok(Math.abs(raised[0] - zoomed[0] - (zoomed[1] - zoomed[0]) / 2) < 1e-6 * (zoomed[1] - zoomed[0]));
  await press("y");
  await until(page, () => said(page, "values"), (text) => text === null);
  // A range as text: copied, pasted, typed.
  await press("t");
  await press("ArrowUp");
  assert.notDeepEqual(await view(page), whole);
  assert.deepEqual(await press("Shift+t"), whole, "to the nanosecond");
  await page.keyboard.press("g");
  const field = page.getByTestId("go-to").locator("input");
  assert.equal(await field.inputValue(), await page.evaluate(() => navigator.clipboard.readText()));
  await field.fill("2010-09-01 07:33:36.040000001Z / soon");
  await page.keyboard.press("Enter");
  assert.match(await page.getByTestId("go-to-problem").innerText(), /"soon" is no time such as/);
  await field.fill(`2010-09-01 07:33:36.040000001Z / ${QUAKE + HOUR}`);
  assert.deepEqual(await press("Enter"), { start: QUAKE + 1n, end: QUAKE + HOUR });
  assert.equal(await page.getByTestId("go-to").count(), 0);
  await press("z");
  // Any lane alone.
  await press("2");
  assert.deepEqual(await lane(page).evaluateAll((lanes) => lanes.map((lane) => lane.checkVisibility())), [false, true]);
  await press("2", "Escape");
  await until(page, () => page.getByTestId("mark").count(), (count) => count === 0);

  await page.keyboard.press("/");
  await page.keyboard.type("wasdfmz?");
  assert.equal(await page.getByTestId("search").inputValue(), "wasdfmz?");
  assert.deepEqual(await view(page), whole);
  await page.getByTestId("search").fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByTestId("keys-on").uncheck();
  await page.keyboard.press("Escape");
  await page.getByTestId("plot").focus();
  await page.keyboard.press("d");
  await page.keyboard.press("?");
  assert.deepEqual(await rested(page, 2), whole, "letters do nothing any more");
  assert.equal(await page.getByTestId("help").count(), 0);
  const moved = await press("ArrowUp");
  assert.ok(span(moved) < span(whole), "arrows do");
  await explorer.close(page);
});

test("a hundred steps of all kinds can be undone to the byte, and the browser's buttons walk them too", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05, STREAMS.uv10], AROUND));
  await settled(page, 2);
  const first = await hash(page);
  await page.getByTestId("plot").focus();
  const rows = page.getByTestId("stream-row");
  // Each of these is a step of its own: a time marked, a lane alone, times, values, streams.
  const kinds = ["m", "1", "d", "1", "i", "f", "stream", "d", "y", "stream"];
  for (let round = 0; round < 10; round += 1) {
    for (const kind of kinds) {
      if (kind === "stream") await rows.last().click();
      else await page.keyboard.press(kind);
    }
  }
  await settled(page, 2);
  // The browser's own way back, then on, and the page's.
  const read = () => hash(page);
  // After steps in quick succession the address follows when nothing has been done for a quarter of a second.
  await page.waitForTimeout(500);
  const last = await hash(page);
  assert.notEqual(last, first);
  await page.goBack();
  const before = await until(page, read, (now) => now !== last);
  await page.goBack();
  await until(page, read, (now) => now !== before);
  await page.goForward();
  await until(page, read, (now) => now === before);
  await page.goForward();
  await until(page, read, (now) => now === last);

  const times = async (key, count) => {
    for (let step = 0; step < count; step += 1) await page.keyboard.press(key);
    await settled(page, 2);
  };
  await times("z", 99);
  assert.equal(await page.getByTestId("tool-undo").isEnabled(), true);
  await times("z", 1);
  // Exactly a hundred.
  await until(page, () => page.getByTestId("tool-undo").isEnabled(), (enabled) => !enabled);
  await until(page, read, (now) => now === first);
  await times("Shift+z", 100);
  await until(page, read, (now) => now === last);
  await explorer.close(page);
});

test("who goes back on the way to another view is where they were", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND));
  await settled(page);
  await page.getByTestId("plot").focus();
  await page.keyboard.press("f");
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.goBack();
  await until(page, view, ({ start, end }) => start === AROUND.start && end === AROUND.end);
  await explorer.close(page);
});

test("on a screen of other density the picture is sharp at once", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND));
  await settled(page);
  const screen = await page.context().newCDPSession(page);
  const ratio = () => explorer.series(page, "uv05").evaluate((canvas) => canvas.width / canvas.clientWidth);
  for (const deviceScaleFactor of [2, 1, 2]) {
    const { width, height } = page.viewportSize();
    // Without this Chromium tells nobody of a density that is only pretended.
    await page.setViewportSize({ width: width + 1, height });
    await screen.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor, mobile: false });
    await until(page, ratio, (seen) => Math.abs(seen - deviceScaleFactor) < 0.01);
    await page.setViewportSize({ width, height });
  }
  await explorer.close(page);
});

test("the window of the overview takes the plot along in the same frame, and its grips stretch it", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND));
  await settled(page);
  const grip = await page.getByTestId("overview-window").boundingBox();
  const frames = await page.evaluate(async ({ x, y }) => {
    const { dataset } = document.querySelector("[data-testid=plot]");
    const strip = document.elementFromPoint(x, y);
    const send = (type, clientX) =>
      strip.dispatchEvent(new PointerEvent(type, { clientX, clientY: y, pointerId: 1, button: 0, bubbles: true, cancelable: true }));
    send("pointerdown", x);
    await new Promise(requestAnimationFrame);
    const seen = [dataset.viewStart];
    for (let step = 1; step <= 20; step += 1) {
      send("pointermove", x + 4 * step);
      await new Promise(requestAnimationFrame);
      seen.push(dataset.viewStart);
    }
    send("pointerup", x + 80);
    return seen;
  }, { x: grip.x + grip.width / 2, y: grip.y + grip.height / 2 });
  for (let at = 1; at < frames.length; at += 1) {
    assert.ok(BigInt(frames[at]) > BigInt(frames[at - 1]), `frame ${at} shows what was dragged in it`);
  }
  const dragged = await rested(page);
  assert.equal(span(dragged), span(AROUND));
  const box = await page.getByTestId("overview-window").boundingBox();
  await page.mouse.move(box.x + 1, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x - 99, box.y + 10, { steps: 4 });
  await page.mouse.up();
  const stretched = await rested(page);
  assert.equal(stretched.end, dragged.end, "the other edge stays");
  assert.ok(stretched.start < dragged.start);
  await explorer.close(page);
});

test("what can be done can be done by its name, while typing and with the keys switched off", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], AROUND));
  await settled(page);
  const names = () => page.getByTestId("command").allInnerTexts();
  const picked = () => page.locator("[data-testid=command][aria-selected=true]").innerText();

  await page.getByTestId("search").focus();
  await page.keyboard.press("Control+k");
  await until(page, names, (all) => all.length > 20);
  await page.keyboard.type("zoom out");
  await until(page, names, (some) => some.length === 2);
  assert.match(await picked(), /^Zoom out\s+S$/);
  await page.keyboard.press("Enter");
  await until(page, view, (range) => span(range) > span(AROUND));
  assert.equal(await page.getByTestId("commands").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "stage");

  await page.keyboard.press("?");
  await page.getByTestId("keys-on").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("UNDO");
  await page.keyboard.press("Enter");
  await until(page, view, (range) => span(range) === span(AROUND));

  await page.keyboard.press("Control+k");
  await page.keyboard.type("earlier");
  const both = await until(page, names, (some) => some.length === 2);
  await page.keyboard.press("ArrowUp");
  assert.equal(await picked(), both[1], "above the first is the last");
  await page.keyboard.press("ArrowDown");
  assert.equal(await picked(), both[0]);
  await page.getByTestId("command").nth(1).click();
  await until(page, view, ({ start }) => start === AROUND.start - span(AROUND) / 2n);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("make coffee");
  await page.getByText("No command is called so").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByTestId("commands").count(), 0);
  await explorer.close(page);
});
