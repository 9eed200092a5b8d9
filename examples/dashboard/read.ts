// What the dashboard reads.
import { type StatColumns, type Stream, StreamSet, type TimeRange } from "btrdb-web";

/** What one stream shows. */
export interface Line {
  uuid: string;
  name: string;
  unit: string;
  windows: StatColumns;
}

/** What all streams show in one range. */
export interface Picture {
  range: TimeRange;
  width: bigint;
  lines: Line[];
}

/** What is to be shown. */
export interface Wish {
  streams: Stream[];
  /** How much time before the last point, in nanoseconds; all of it unless given. */
  span?: bigint | undefined;
  /** How wide windows are, in nanoseconds; so that `fits` of them cover the range unless given. */
  width?: bigint | undefined;
  /** How many windows there is room for. */
  fits: number;
}

/** More windows than this are not read: nobody could see them. */
const MOST = 20_000n;

/** Reads what is wished for; `undefined` where there is no point. All of it is of the same versions. */
export async function read({ streams, span, width, fits }: Wish, signal: AbortSignal): Promise<Picture | undefined> {
  if (streams.length === 0) return undefined;
  const set = await new StreamSet(streams).with({ signal }).pinVersions();
  const [first, last] = await Promise.all([set.earliest(), set.latest()]);
  const times = (points: typeof first) => points.flatMap((point) => (point ? [point.time] : []));
  const [from, to] = [minimum(times(first)), maximum(times(last))];
  if (from === undefined || to === undefined) return undefined;

  const start = span !== undefined && to - span >= from ? to - span + 1n : from;
  const wide = maximum([width ?? (to - start) / BigInt(fits) + 1n, (to - start) / MOST + 1n]) as bigint;
  // Only whole windows are reported: the last one reaches over the last point.
  const end = start + ((to - start) / wide + 1n) * wide;
  const columns = await (await set.filter({ start, end })).windows(wide).values();
  const lines = streams.map(async (stream, place) => {
    const { name = "", unit = "" } = await stream.tags({ signal });
    return { uuid: stream.uuid, name, unit, windows: columns[place] as StatColumns };
  });
  return { range: { start, end }, width: wide, lines: await Promise.all(lines) };
}

const minimum = (times: bigint[]) => times.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
const maximum = (times: bigint[]) => times.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
