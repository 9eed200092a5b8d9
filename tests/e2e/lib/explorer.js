// The explorer's page, as its tests see it.
import assert from "node:assert/strict";

/** The streams of the recording, by station. */
export const STREAMS = {
  uv05: "d682fafe-4232-5288-b6b7-e9e1e61f1d51",
  uv06: "b616c7f8-c9d2-5be6-bd09-c6502ee70060",
  uv10: "747c9167-f9eb-5caa-95c0-ca6ce56f07be",
};
export const DAY = { start: 1_283_299_200_000_000_000n, end: 1_283_385_600_000_000_000n };
/** In nanoseconds. */
export const MINUTE = 60_000_000_000n;
export const HOUR = 60n * MINUTE;
/** When UV05 was shaken most, 07:33:36.04 UTC. */
export const QUAKE = 1_283_326_416_040_000_000n;

/** A link to one stream over a range. */
export function link(server, streams, { start, end }) {
  return `${server.url}/#streams=${streams.join(",")}&start=${start}&end=${end}`;
}

/** Opens `url`, or nothing yet, in a tab of its own, which notes what must never happen in the page. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.trouble = [];
  page.origins = new Set();
  page.on("request", (request) => page.origins.add(new URL(request.url()).origin));
  page.on("pageerror", (error) => page.trouble.push(String(error)));
  page.on("console", (message) => {
    // The browser itself reports requests that fail; whether they may is for each test to say.
    if (message.type() === "error" && !message.text().includes("net::ERR_")) page.trouble.push(message.text());
  });
  // An empty tab is empty already: going there would race with where it is sent next.
  if (url) await page.goto(url);
  return page;
}

/** Closes the tab; fails if anything went wrong in it that no test looked for. */
export async function close(page) {
  await page.context().close();
  assert.deepEqual(page.trouble, []);
}

/** The lane of a station, or all lanes. */
export function lane(page, station) {
  const which = station ? `[data-stream="${STREAMS[station]}"]` : "";
  return page.locator(`[data-testid=lane]${which}`);
}

/** Reads again in every frame until `what` holds of the answer, which is returned. */
export async function until(page, read, what, patience = 20_000) {
  const begun = performance.now();
  for (;;) {
    const answer = await read(page);
    if (what(answer)) return answer;
    assert.ok(performance.now() - begun < patience, `waited too long for ${what}; last seen: ${show(answer)}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

function show(answer) {
  return JSON.stringify(answer, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

/** Waits until nothing on screen is going to change by itself, with `lanes` lanes. */
export function settled(page, lanes = 1) {
  const read = () =>
    page.evaluate(() => {
      const shown = [...document.querySelectorAll("[data-testid=lane]")];
      const plot = document.querySelector("[data-testid=plot]");
      const loading = [plot, ...shown].map((element) => element?.dataset.loading);
      // A lane says nothing of its resolution before its first frame.
      return { lanes: shown.length, loading, drawn: shown.every((element) => element.dataset.resolution) };
    });
  const isSettled = (seen) =>
    seen.lanes === lanes && seen.drawn && seen.loading.every((loading) => loading === "false");
  return until(page, read, isSettled);
}

/** The visible range, in nanoseconds. */
export async function view(page) {
  const { viewStart, viewEnd } = await page.getByTestId("plot").evaluate(({ dataset }) => ({ ...dataset }));
  return { start: BigInt(viewStart), end: BigInt(viewEnd) };
}

/** How long a range is, in nanoseconds. */
export const span = ({ start, end }) => end - start;

/** Whether a range is not this one. */
export const other = (before) => (now) => now.start !== before.start || now.end !== before.end;

/** The data of a lane: the canvas without axis and labels. */
export function series(page, station) {
  return lane(page, station).locator("canvas.series");
}

/** How far `time` is from the left edge of the data, in CSS pixels. */
export async function xOf(page, station, time) {
  const { start, end } = await view(page);
  const { width } = await series(page, station).boundingBox();
  return (Number(time - start) / Number(end - start)) * width;
}

/** The colours of a lane's stream and of the ground behind it. */
export async function colours(page, station) {
  const read = (text) => text.match(/\d+/g).slice(0, 3).map(Number);
  const swatch = lane(page, station).locator(".swatch");
  const series = await swatch.evaluate((element) => getComputedStyle(element).backgroundColor);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  return { series: read(series), ground: read(ground) };
}
