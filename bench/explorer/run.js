// How the explorer fares in Chromium, 50 ms away from a stream of 10^8 points and from twenty of a simulated network.
//
// Run by `cargo xtask bench explorer`, which says where the server is (`BTRDB_LOCAL`), the explorer as it is shipped
// (`BTRDB_APP`), the browser (`CHROMIUM`), a folder for data that are kept (`BENCH_WORK`), how many points the large
// stream has (`BENCH_POINTS`), how many seconds memory is watched (`BENCH_SECONDS`), the rows of the native simulation
// (`BENCH_MODEL`) and where all rows go (`BENCH_OUT`).
import { readFileSync, writeFileSync } from "node:fs";

import { launch } from "../../tests/e2e/lib/browser.js";
import { link, open, settled, until, view } from "../../tests/e2e/lib/explorer.js";
import { startProxy } from "../../tests/e2e/lib/proxy.js";
import { startServer } from "../../tests/e2e/lib/server.js";
import { drag, judge, seen, summed, travelled, watch } from "../../tests/e2e/lib/watch.js";
import { LARGE, NEW_YEAR, PERIOD, START, prepare } from "./data.js";
import { memory } from "./memory.js";
import { loading, overview, slices, typing } from "./page.js";

const { BENCH_WORK, BENCH_POINTS, BENCH_SECONDS, BENCH_MODEL, BENCH_OUT, BTRDB_APP } = process.env;
const COUNT = Number(BENCH_POINTS);
const LIFE = { start: START, end: START + BigInt(COUNT) * PERIOD };
const HOUR = 3_600_000_000_000n;
const SCREEN = { viewport: { width: 1600 + 60 + 290, height: 900 } };
/** As high as it takes to have twenty lanes in sight: others are neither drawn nor asked for. */
const TALL = { viewport: { ...SCREEN.viewport, height: 1_750 } };
/** Half a round trip, in milliseconds. */
const MILLIS = 25;

const rows = JSON.parse(readFileSync(BENCH_MODEL, "utf8"));
const goals = [];

/** A row, and whether it holds to `goal`: a figure of it, and what that may be at most or must be at least. */
function add(what, metric, figures, goal) {
  const row = { case: what, metric, who: "explorer", ...figures };
  rows.push(row);
  let verdict = "";
  if (goal) {
    const holds = goal.most === undefined ? row[goal.of] >= goal.least : row[goal.of] <= goal.most;
    goals.push({ case: what, metric, goal, holds });
    verdict = `${holds ? "holds" : "MISSED"} (${goal.of} ${goal.most === undefined ? ">=" : "<="} ${goal.most ?? goal.least})`;
  }
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${typeof value === "number" ? value.toFixed(2) : value}`);
  console.log(`${what.padEnd(44)} ${metric.padEnd(30)} ${shown.join("  ").padEnd(56)} ${verdict}`);
}

console.log("data");
const folders = await prepare(BENCH_WORK, COUNT);
const browser = await launch();

/** Opens a page at a server with `data`, a round trip away, with `streams` or as many of them. */
async function visit(data, streams, range, act, screen = SCREEN) {
  const server = await startServer({ data });
  const proxy = await startProxy(server.port, { millis: MILLIS });
  const all = Array.isArray(streams) ? streams : await listed(server.url, streams);
  const page = await open(browser, link(proxy, all, range), screen);
  await settled(page, all.length);
  await page.waitForTimeout(1_000);
  const box = await page.locator("canvas.series").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await act({ page, proxy, box, streams: all });
  await page.context().close();
  await proxy.stop();
  await server.stop();
}

/** The first `count` streams there. */
async function listed(url, count) {
  const body = Buffer.from([0, 0, 0, 0, 4, 0x0a, 0x00, 0x10, 0x01]);
  const headers = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  const answer = await fetch(`${url}/v5api.BTrDB/LookupStreams`, { method: "POST", headers, body });
  const text = Buffer.from(await answer.arrayBuffer()).toString("hex");
  return [...text.matchAll(/0a10([0-9a-f]{32})/g)].map(([, uuid]) => uuid).slice(0, count);
}

/** Pans by the wheel at 1,000 CSS pixels a second. */
async function pan(page, seconds) {
  const begun = performance.now();
  for (let sent = 0; ; ) {
    const due = Math.round(performance.now() - begun);
    if (due > seconds * 1e3) return;
    if (due > sent) await page.mouse.wheel(due - sent, 0);
    sent = due;
    await page.waitForTimeout(8);
  }
}

const large = `10^${Math.log10(COUNT)} points, 50 ms away`;

await visit(folders.large, [LARGE], LIFE, async ({ page }) => {
  await page.evaluate(watch, { holes: false });
  const [first, exact] = [[], []];
  for (let zoom = 0; zoom < 50; zoom += 1) {
    const turn = zoom < 25 ? -96 : 96;
    const before = await view(page);
    await page.mouse.wheel(0, turn);
    await page.mouse.wheel(0, turn);
    await until(page, view, ({ start, end }) => start !== before.start || end !== before.end);
    await page.waitForTimeout(60);
    await settled(page);
    const { frames, turns, width } = await page.evaluate(() => {
      const { frames, turns, width } = window.seen;
      window.seen.frames = [];
      window.seen.turns = [];
      return { frames, turns, width };
    });
    const stop = turns.at(-1);
    const after = frames.filter(({ at }) => at > stop);
    const last = after.at(-1);
    const there = after.filter(({ viewStart, viewEnd }) => viewStart === last.viewStart && viewEnd === last.viewEnd);
    first.push(there.find((frame) => judge(frame, width).isTrue)?.now - stop);
    // Raw points replace windows where there are few: what is there in the end is what is exact.
    exact.push(there.find(({ resolution }) => resolution === last.resolution)?.now - stop);
  }
  add(`50 zooms, ${large}`, "first_true_picture_ms", summed(first), { of: "p95", most: 150 });
  add(`50 zooms, ${large}`, "exact_picture_ms", summed(exact), { of: "p95", most: 500 });
});

const middle = (LIFE.start + LIFE.end) / 2n;
await visit(folders.large, [LARGE], { start: middle, end: middle + HOUR }, async ({ page, proxy }) => {
  const from = proxy.calls.length;
  await page.evaluate(watch, { holes: true });
  await pan(page, 10);
  const { frames, width } = await seen(page);
  const moved = Number(BigInt(frames.at(-1).viewStart) - middle) / Number(HOUR);
  const exact = frames.filter((frame) => judge(frame, width).isExact).length;
  add(`10 s of panning, ${large}`, "screens", { median: moved });
  add(`10 s of panning, ${large}`, "frames_wholly_exact_percent", { median: (100 * exact) / frames.length, runs: frames.length }, { of: "median", least: 95 });
  add(`10 s of panning, ${large}`, "frames_with_bare_columns", { median: frames.filter(({ unloaded }) => unloaded > 0).length }, { of: "median", most: 0 });
  add(`10 s of panning, ${large}`, "reads", { median: proxy.reads(from).length });
});

await visit(folders.large, [LARGE], { start: middle, end: middle + HOUR }, async ({ page, box }) => {
  // Once to have it all at hand.
  await drag(page, box, 2);
  await settled(page);
  await page.evaluate(watch, { holes: true });
  await drag(page, box, 10);
  const watched = await seen(page);
  const what = `10 s of dragging to and fro, ${large}`;
  add(what, "pixels", { median: travelled(watched), runs: watched.frames.length }, { of: "median", least: 8_000 });
  const lost = watched.frames.filter(({ unloaded }) => unloaded > 0).length;
  add(what, "frames_with_bare_columns", { median: lost }, { of: "median", most: 0 });
});

await visit(folders.large, [LARGE], { start: middle, end: middle + HOUR }, async ({ page, proxy }) => {
  const banner = page.getByTestId("offline");
  const cuts = [];
  for (let cut = 0; cut < 5; cut += 1) {
    const panning = pan(page, 4);
    await page.waitForTimeout(500);
    proxy.cutAll();
    const begun = performance.now();
    await banner.waitFor();
    cuts.push(performance.now() - begun);
    await panning;
    proxy.mend();
    await banner.waitFor({ state: "detached" });
    await settled(page);
  }
  add(`a line cut in mid-pan, ${large}`, "until_it_is_said_ms", summed(cuts), { of: "most", most: 2_000 });
});

await overview(browser, folders.large, LARGE, { millis: MILLIS, screen: SCREEN, add });

const part = { start: NEW_YEAR + HOUR / 2n, end: NEW_YEAR + HOUR / 2n + HOUR / 6n };
const minutes = { start: NEW_YEAR + HOUR / 10n, end: NEW_YEAR + HOUR / 10n + HOUR / 20n };
const views = [
  { data: folders.network, count: 20, range: part, screen: SCREEN, most: 8 },
  { data: folders.network, count: 20, range: part, screen: TALL },
  { data: folders.crowd, count: 200, range: minutes, screen: SCREEN, most: 16 },
];
for (const { data, count, range, screen, most } of views) {
  const act = async ({ page, proxy, streams }) => {
    const task = await slices(page, async () => {
      await page.evaluate(watch, { holes: false });
      await pan(page, 5);
    });
    const { frames, width } = await seen(page);
    const exact = frames.filter((frame) => judge(frame, width).isExact).length;
    const what = `5 s of panning, ${streams.length} streams, ${screen.viewport.height} pixels high`;
    // The goals are for a plot of 1,600 by 900.
    add(what, "frame_script_and_draw_ms", task.frames, most && { of: "p95", most });
    add(what, "answer_slice_ms", task.answers, { of: "p95", most: 4 });
    add(what, "frames_wholly_exact_percent", { median: (100 * exact) / frames.length, runs: frames.length });
    const reads = proxy.reads();
    add(what, "bytes_a_read", summed(reads.map(({ bytes }) => bytes)));
  };
  await visit(data, count, range, act, screen);
}

await typing(browser, folders.network, { screen: SCREEN, add });
await loading(browser, folders.network, { add });
const network = await startServer({ data: folders.network });
const streams = await listed(network.url, 20);
await network.stop();
await memory({ data: folders.network, app: BTRDB_APP, streams, work: BENCH_WORK, seconds: Number(BENCH_SECONDS), screen: SCREEN, add });

await browser.close();
writeFileSync(BENCH_OUT, JSON.stringify([...rows, ...goals]));
for (const { metric, case: what } of goals.filter(({ holds }) => !holds)) console.log(`missed: ${what}: ${metric}`);
