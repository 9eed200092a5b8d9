// Measures one contender in this page: `?contender=NAME&case=NAME`. What it found is in `window.report`.
import { points, windows } from "./data.js";

const WIDTH = 1600;
const HEIGHT = 900;
/** How far a step of the pan goes, in windows, which are pixels, and after how many steps it turns round. */
const STEP = 8;
const TURN = 400;
const PAN_MILLIS = 5_000;
/** A redraw is repeated this often, as long as it does not take longer than that. */
const TIMES = 10;
const PATIENCE_MILLIS = 1_500;
/** What redraws more slowly than that is not panned: there would be a step or two. */
const TOO_SLOW_MILLIS = 5_000;

const CASES = {
  "lanes-20": { layout: "lanes", count: 20 },
  "overlaid-20": { layout: "overlaid", count: 20 },
  "lanes-200": { layout: "lanes", count: 200 },
  "overlaid-200": { layout: "overlaid", count: 200 },
  "points-166650": { layout: "lanes", count: 3, raw: true },
};

const root = document.getElementById("root");
const query = new URLSearchParams(location.search);
const scene = { ...CASES[query.get("case")], width: WIDTH, height: HEIGHT, root };

/**
 * Frames come when they are asked for: libraries that wait for the next one would else be measured waiting. What is left to
 * `setTimeout` is not drawing.
 */
const frames = [];
window.requestAnimationFrame = (callback) => frames.push(callback);
window.cancelAnimationFrame = (id) => (frames[id - 1] = undefined);
async function runFrames() {
  for (let round = 0; round < 10; round += 1) {
    await null;
    const due = frames.splice(0);
    if (due.length === 0) return;
    for (const callback of due) callback?.(performance.now());
  }
}

/** Reads a pixel of every canvas, which waits until all that was drawn on it has become pixels. */
function force() {
  root.getBoundingClientRect();
  for (const canvas of root.querySelectorAll("canvas")) {
    if (canvas.width === 0 || canvas.height === 0) continue;
    const context = canvas.getContext("2d");
    if (context) context.getImageData(0, 0, 1, 1);
    else {
      const gl = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
      gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    }
  }
}

let peak = 0;
/** The memory of scripts with typed arrays, and that of wasm, which the browser does not count. */
const heap = () => performance.memory.usedJSHeapSize + (window.wasmMemory?.buffer.byteLength ?? 0);

/** How long `act` and the raster of what it draws take. */
async function timed(act) {
  const begun = performance.now();
  await act();
  await runFrames();
  force();
  const took = performance.now() - begun;
  peak = Math.max(peak, heap());
  return took;
}

const pause = () => new Promise((done) => setTimeout(done, 0));

async function repeated(act) {
  const times = [];
  const begun = performance.now();
  while (times.length < TIMES && (times.length === 0 || performance.now() - begun < PATIENCE_MILLIS)) {
    times.push(await timed(() => act(times.length)));
    await pause();
  }
  // The first is warming up where there is time for that.
  return summary(times.length > 3 ? times.slice(1) : times);
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  const over = times.filter((time) => time > 16.7).length;
  return { best: sorted[0], p50: at(0.5), p95: at(0.95), most: sorted.at(-1), steps: times.length, over: over / times.length };
}

async function run() {
  globalThis.gc?.();
  const empty = heap();
  let contender;
  const load = await timed(async () => {
    contender = await import(`./contenders/${query.get("contender")}.js`);
    await contender.load?.();
  });
  const { create, hud } = contender;
  const sets = scene.raw ? [points(1), points(2)] : [windows(scene.count, WIDTH, 1), windows(scene.count, WIDTH, 2)];
  const given = heap();
  const length = scene.raw ? sets[0][0].length : WIDTH;
  peak = given;
  let plot;
  const cold = await timed(async () => (plot = await create({ ...scene, length }, sets[0])));
  // Where a library measures its element later on.
  await pause();
  await runFrames();
  const full = await repeated(() => plot.redraw());
  const renewed = await repeated((at) => plot.renew(sets[(at + 1) % 2]));
  const report = { load, cold, full, renewed, peakBytes: peak - empty, dataBytes: given - empty };
  window.report = report;
  if (hud) report.hudMillis = hud(root);
  if (!scene.raw && full.best < TOO_SLOW_MILLIS) {
    await window.picture?.("still");
    plot.destroy();
    root.replaceChildren();
    const long = windows(scene.count, 3 * WIDTH, 3);
    plot = await create({ ...scene, length: 3 * WIDTH }, long);
    await timed(() => plot.pan(0));
    const steps = [];
    const begun = performance.now();
    for (let at = 1; performance.now() - begun < PAN_MILLIS; at += 1) {
      const cycle = at % (2 * TURN);
      const start = STEP * (cycle < TURN ? cycle : 2 * TURN - cycle);
      steps.push(await timed(() => plot.pan(start)));
      await pause();
    }
    report.pan = summary(steps);
    report.panPeakBytes = peak - empty;
    await timed(() => plot.pan(1500));
  }
  await window.picture?.("last");
  return report;
}

window.finished = run().then((report) => ({ report }), (error) => ({ error: String(error?.stack ?? error) }));
