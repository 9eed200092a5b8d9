/** The longest that a timer of JavaScript can wait, in milliseconds: it waits not at all for what is longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** @internal Calls `late` in `millis` milliseconds, or never where no timer waits that long, which is 25 days. */
export function timer(late: () => void, millis: number): ReturnType<typeof setTimeout> | undefined {
  return millis <= LONGEST_MS ? setTimeout(late, millis) : undefined;
}
