import type { Choice, Control, Exports, Stream, StreamSet } from "./btrdb_web.js";

/** @internal How the streams of a set are read, as plain data: the module's own sets are made of it when they are used. */
export interface Scope extends Pick<Choice, "start" | "end" | "samplingFrequency" | "schema"> {
  /** How many calls it makes at a time. */
  parallel?: number | undefined;
  /** The width of windows in nanoseconds, or as a power of two; of neither, points are read. */
  width?: bigint;
  pointWidth?: number;
  /** Uuids, and the version of each. */
  pinned?: [uuids: string[], versions: BigUint64Array];
}

/** @internal The set of `streams`, but for the range of time that it is read in. None may be `left` by a filter. */
export function unranged(module: Exports, streams: readonly Stream[], scope: Scope, left = true): StreamSet {
  const list = new module.StreamList();
  for (const stream of streams) list.push(stream);
  let set = list.set(left);
  const next = (further: (set: StreamSet) => StreamSet) => {
    const last = set;
    try {
      set = further(last);
    } finally {
      last.free();
    }
  };
  const { parallel, pinned, width, pointWidth } = scope;
  if (parallel !== undefined) next((set) => set.parallel(parallel));
  if (pinned) next((set) => set.withVersions(...pinned));
  if (width !== undefined) next((set) => set.windows(width));
  if (pointWidth !== undefined) next((set) => set.alignedWindows(pointWidth));
  return set;
}

/** @internal Does `work` with the set of `streams`, which lives no longer. */
export async function ranged<T>(
  module: Exports,
  streams: readonly Stream[],
  scope: Scope,
  control: Control,
  work: (set: StreamSet) => T | Promise<T>,
): Promise<T> {
  let set = unranged(module, streams, scope);
  try {
    const { start, end, samplingFrequency, schema } = scope;
    if (start !== undefined || end !== undefined) {
      const whole = set;
      set = await whole.filter({ start, end, samplingFrequency, schema }, control);
      whole.free();
    }
    return await work(set);
  } finally {
    set.free();
  }
}
