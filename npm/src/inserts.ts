import type { Control } from "./btrdb_web.js";
import type { Stream } from "./stream.js";

/** @internal Points for a stream. */
export type Insert = [stream: Stream, time: BigInt64Array, value: Float64Array];

/** @internal Inserts into several streams, `parallel` of them at a time, and ends with the first failure. */
export async function inserted(
  inserts: readonly Insert[],
  parallel: number,
  merge: string,
  pointsPerCall: number,
  control: Control,
): Promise<Map<string, bigint>> {
  const versions = new Map<string, bigint>();
  const ending = new AbortController();
  control.signal?.addEventListener("abort", () => ending.abort());
  const left = inserts.values();
  const lane = async () => {
    for (const [{ uuid, raw }, time, value] of left) {
      versions.set(uuid, await raw.insert(time, value, merge, pointsPerCall, { ...control, signal: ending.signal }));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, inserts.length) }, lane));
  } finally {
    ending.abort();
  }
  return versions;
}
