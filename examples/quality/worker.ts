// One worker of the pool: it reads a chunk of a stream and scores it.
import { Stream, type StreamHandle, type TimeRange, init } from "btrdb-web";

import { type Expectation, type Score, score } from "./score";

/** What a worker is asked. All of it can be posted. */
export interface Job {
  stream: StreamHandle;
  range: TimeRange;
  expectation: Expectation;
}

/** What it answers. */
export type Answer = { score: Score } | { failure: unknown };

addEventListener("message", async ({ data }: MessageEvent<Job>) => {
  postMessage(await answer(data));
});

async function answer({ stream, range, expectation }: Job): Promise<Answer> {
  try {
    await init();
    const points = Stream.fromHandle(stream).values(range.start, range.end);
    return { score: await score(points, range, expectation) };
  } catch (failure) {
    return { failure };
  }
}
