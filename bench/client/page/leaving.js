// Runs in the page: reads that never end, each given up after a while.
import { stream } from "./lib/calls.js";

const READ_MS = 150;
const BETWEEN_MS = 50;

/** Reads points `rounds` times by a contender's script and gives each read up; says when, in milliseconds since 1970. */
export async function leave({ script, config }, rounds) {
  const { open } = await import(script);
  const read = await open({ ...config, stream: stream(config.uuid) });
  const left = [];
  for (let round = 0; round < rounds; round += 1) {
    const controller = new AbortController();
    const ended = read("points", controller.signal).then(
      () => Promise.reject(new Error("what has no end has ended")),
      (error) => controller.signal.aborted || Promise.reject(error),
    );
    await Promise.race([ended, after(READ_MS)]);
    left.push(performance.timeOrigin + performance.now());
    controller.abort();
    await ended;
    await after(BETWEEN_MS);
  }
  return left;
}

const after = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
