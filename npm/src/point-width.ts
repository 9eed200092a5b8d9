import { sync } from "./call.js";
import { wasm } from "./instance.js";
import { type TimeInput, nanoseconds, unsigned } from "./time.js";

/** The aligned windows of a range. */
export interface AlignedWindows {
  /** The start of the first window, which may be before the range. */
  first: bigint;
  /** The start of the last window; before `first` where there is no window. */
  last: bigint;
  /** How many windows there are; a read reports those that hold points. */
  count: bigint;
}

/** The widest point width whose windows are at most `nanos` wide, up to 2^61 ns; one nanosecond for 0. */
export function fromNanoseconds(nanos: bigint | number): number {
  const width = unsigned(nanos, "nanos");
  return sync(() => wasm().pointWidthFromNanoseconds(width));
}

/**
 * How many nanoseconds a window of `pointWidth` is wide: two to that power.
 *
 * @throws As {@link InvalidPointWidth} for what is no whole number from 0 to 63, {@link NotInitialized} before `init`; so
 * do the others.
 */
export function toNanoseconds(pointWidth: number): bigint {
  return sync(() => wasm().pointWidthToNanoseconds(pointWidth));
}

/** How long a window of `pointWidth` is, in the largest unit that is not too large: `1.07 seconds`. */
export function describe(pointWidth: number): string {
  return sync(() => wasm().pointWidthDescribe(pointWidth));
}

/** The windows that an aligned read from `start` to `end` covers. */
export function forAlignedWindows(pointWidth: number, start: TimeInput, end: TimeInput): AlignedWindows {
  const [from, to] = [nanoseconds(start, "start"), nanoseconds(end, "end")];
  return sync(() => wasm().pointWidthForAlignedWindows(pointWidth, from, to));
}
