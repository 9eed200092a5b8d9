// Runs in the page: reads that never end, given up after a while or ended by their deadlines.
import { stream } from "./lib/calls.js";

const READ_MS = 150;
const BETWEEN_MS = 50;

/**
 * Reads points `rounds` times by a contender's script and gives each read up; then reads as often with a deadline after as
 * long. Says when each was `left`, in milliseconds since 1970, and how much `late` each deadline was.
 */
export async function leave({ script, config }, rounds) {
  const { open } = await import(script);
  const read = await open({ ...config, stream: stream(config.uuid) });
  const [left, late] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const controller = new AbortController();
    const ended = failed(read("points", { signal: controller.signal }));
    await after(READ_MS);
    left.push(performance.timeOrigin + performance.now());
    controller.abort();
    await ended;
    await after(BETWEEN_MS);
  }
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await failed(read("points", { timeoutMs: READ_MS }));
    late.push(performance.now() - begun - READ_MS);
    await after(BETWEEN_MS);
  }
  return { left, late };
}

function failed(reading) {
  return reading.then(() => Promise.reject(new Error("what has no end has ended")), () => undefined);
}

const after = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
