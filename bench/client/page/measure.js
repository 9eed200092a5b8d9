// Runs in the page: one read at a time, with a clock and a heartbeat.
import { stream } from "./lib/calls.js";
import { checksum } from "./lib/columns.js";

const BEAT_MS = 10;

let read;
let columns;
let longTasks = [];
const watch = new PerformanceObserver((list) => longTasks.push(...list.getEntries()));
watch.observe({ type: "longtask" });

/**
 * Reads windows or points and says how long it took. `first` is the contender's script and its settings, whose
 * loading then is part of it.
 */
export async function run(kind, first) {
  columns = undefined;
  longTasks = [];
  const heart = beating(first !== undefined);
  const begun = performance.now();
  if (first) {
    const { open } = await import(first.script);
    read = await open({ ...first.config, stream: stream(first.config.uuid) });
  }
  columns = await read(kind);
  return { ms: performance.now() - begun, ...heart.stop() };
}

/** What came of the last run, and how long it kept the page from anything else. */
export async function outcome(kind) {
  // The browser tells of long tasks a little later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  longTasks.push(...watch.takeRecords());
  const blocked = longTasks.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0);
  const found = typeof columns === "number" ? `${columns} bytes` : checksum(kind, columns);
  columns = undefined;
  return { blocked, found };
}

/** Beats until stopped, and notes the longest time between two beats. */
function beating(looksAtHeap) {
  let last = performance.now();
  let [gap, heap] = [0, 0];
  const beat = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    if (looksAtHeap) heap = Math.max(heap, performance.memory.usedJSHeapSize);
  };
  const timer = setInterval(beat, BEAT_MS);
  beat();
  const heapBefore = heap;
  return {
    stop() {
      clearInterval(timer);
      beat();
      return { gap, heap: heap - heapBefore };
    },
  };
}
