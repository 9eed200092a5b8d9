// Chunks of 12 hours.
import type { StreamSet, TimeRange } from "btrdb-web";

const CHUNK = 12n * 3_600_000_000_000n;

/** The time from the first point of any stream to one period after the last; `undefined` where there is no point. */
export async function extent(set: StreamSet, rate: number): Promise<TimeRange | undefined> {
  const [first, last] = await Promise.all([set.earliest(), set.latest()]);
  const starts = first.flatMap((point) => (point ? [point.time] : []));
  const ends = last.flatMap((point) => (point ? [point.time] : []));
  if (starts.length === 0) return undefined;
  const start = starts.reduce((one, other) => (one < other ? one : other));
  const end = ends.reduce((one, other) => (one > other ? one : other));
  return { start, end: end + BigInt(Math.round(1e9 / rate)) };
}

/** The parts of `range` between the noons and midnights of UTC. */
export function chunks({ start, end }: TimeRange): TimeRange[] {
  const parts: TimeRange[] = [];
  for (let from = start; from < end; ) {
    const next = from - (((from % CHUNK) + CHUNK) % CHUNK) + CHUNK;
    parts.push({ start: from, end: next < end ? next : end });
    from = next;
  }
  return parts;
}
