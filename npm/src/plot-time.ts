import { BTRDBValueError } from "./errors.js";
import { type TimeInput, nanoseconds } from "./time.js";

/** A unit that plots count time in. */
export type PlotUnit = "s" | "ms" | "us" | "ns";

/** Nanoseconds in each unit of plots. */
const NANOS: Partial<Record<PlotUnit, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

const WORD = 2 ** 32;

/**
 * Times as numbers, which is what plots take: how long after `base` each is, in seconds unless `unit` says otherwise.
 * `base` is the first of them unless given. Right to the nanosecond within 104 days of `base`, and farther away to the
 * sixteen digits that a number has. As milliseconds since 1970, `toPlotTime(time, 0n, "ms")`, times are right to a
 * quarter of a microsecond.
 *
 * @throws As {@link BTRDBValueError} for another unit, and what {@link toNanoseconds} throws for a `base` that is no time.
 */
export function toPlotTime(time: BigInt64Array, base?: TimeInput, unit: PlotUnit = "s"): Float64Array<ArrayBuffer> {
  const nanos = NANOS[unit];
  if (nanos === undefined) throw new BTRDBValueError(`unit is s, ms, us or ns, not ${JSON.stringify(unit)}`);
  const zero = base === undefined ? (time[0] ?? 0n) : nanoseconds(base, "base");
  // By words of 32 bits: a bigint for each time would be an object for each.
  const words = new Uint32Array(time.buffer, time.byteOffset, 2 * time.length);
  const signed = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
  const [low, high] = [Number(BigInt.asUintN(32, zero)), Number(zero >> 32n)];
  const plotted = new Float64Array(time.length);
  for (let place = 0; place < plotted.length; place += 1) {
    const difference = ((signed[2 * place + 1] as number) - high) * WORD + ((words[2 * place] as number) - low);
    plotted[place] = difference / nanos;
  }
  return plotted;
}
