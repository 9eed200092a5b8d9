// What is good or bad about the points of a chunk.
import type { RawColumns, TimeRange } from "btrdb-web";

/** What is expected of the points of a stream. */
export interface Expectation {
  /** How many points come in a second. */
  rate: number;
  /** The smallest good value. */
  low: number;
  /** The largest good value. */
  high: number;
}

/** How good the points of a chunk are. */
export interface Score {
  /** How many points there are. */
  points: number;
  /** How many there are of those that were expected: 1 where all came. */
  share: number;
  /** In how many minutes of UTC all values, at least two, were the same. */
  flatMinutes: number;
  /** How many values are below the smallest good one or above the largest. */
  outOfRange: number;
  /** How often more than one and a half periods went by without a point. */
  gaps: number;
  /** The longest of these times in nanoseconds; 0 where there is none. */
  longestGap: bigint;
}

const MINUTE = 60_000_000_000n;

/** Scores the points of `range` as they arrive, in one pass; they are not kept. */
export async function score(
  batches: AsyncIterable<RawColumns>,
  range: TimeRange,
  { rate, low, high }: Expectation,
): Promise<Score> {
  const span = Number(range.end - range.start) / 1e9;
  const patience = BigInt(Math.round(1.5e9 / rate));
  const score: Score = { points: 0, share: 0, flatMinutes: 0, outOfRange: 0, gaps: 0, longestGap: 0n };

  let previous = range.start;
  const cameUntil = (time: bigint) => {
    const gap = time - previous;
    previous = time;
    if (gap <= patience) return;
    score.gaps += 1;
    if (gap > score.longestGap) score.longestGap = gap;
  };

  let minuteEnd = range.start;
  let [first, inMinute, isFlat] = [0, 0, false];
  const endMinute = () => {
    if (isFlat && inMinute > 1) score.flatMinutes += 1;
    inMinute = 0;
  };

  for await (const { time, value } of batches) {
    score.points += time.length;
    time.forEach((at, place) => {
      const seen = value[place] as number;
      cameUntil(at);
      if (seen < low || seen > high) score.outOfRange += 1;
      if (at >= minuteEnd) {
        endMinute();
        minuteEnd = at - (((at % MINUTE) + MINUTE) % MINUTE) + MINUTE;
        [first, isFlat] = [seen, true];
      }
      inMinute += 1;
      if (seen !== first) isFlat = false;
    });
  }
  endMinute();
  cameUntil(range.end);
  score.share = score.points / Math.max(1, Math.round(span * rate));
  return score;
}

/** One number for the colour: the share that came, less what of it is out of range, less the share of flat minutes. */
export function goodness({ points, share, outOfRange, flatMinutes }: Score, range: TimeRange): number {
  const minutes = Math.max(1, Number(range.end - range.start) / Number(MINUTE));
  const good = points === 0 ? 0 : Math.min(1, share) * (1 - outOfRange / points) - flatMinutes / minutes;
  return Math.max(0, good);
}
