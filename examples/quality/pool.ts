// Workers that take jobs one after the other.
import { BTrDBError } from "btrdb-web";

import type { Score } from "./score";
import type { Answer, Job } from "./worker";

/** As many workers as the machine has cores, unless told otherwise. */
export class Pool {
  readonly #workers: Worker[];

  constructor(size = navigator.hardwareConcurrency || 2) {
    const url = () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#workers = Array.from({ length: size }, url);
  }

  /**
   * Tells of every job's score as it is known; every worker takes the next job once it is done with one. Rejects with the
   * first failure; the pool can only be closed then, since other workers may still be at work.
   */
  async run(jobs: readonly Job[], done: (place: number, score: Score) => void): Promise<void> {
    const rest = jobs.entries();
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (const [place, job] of rest) done(place, await ask(worker, job));
      }),
    );
  }

  /** Ends the workers, and with them what they are reading. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

function ask(worker: Worker, job: Job): Promise<Score> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("score" in data) resolve(data.score);
      else reject(BTrDBError.from(data.failure));
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(job);
  });
}
