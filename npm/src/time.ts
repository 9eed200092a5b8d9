import { sync } from "./call.js";
import { BTRDBTypeError, BTRDBValueError } from "./errors.js";
import { wasm } from "./instance.js";

/** What has the shape of a `Temporal.Instant`. */
export interface Instant {
  /** Nanoseconds since 1970 UTC. */
  readonly epochNanoseconds: bigint;
}

/**
 * A time: nanoseconds since 1970 UTC as `bigint` or as a whole number up to 2^53; text such as
 * `2017-01-02 03:04:05.123456789Z`; a `Date`; or anything of the shape of a `Temporal.Instant`.
 */
export type TimeInput = bigint | number | string | Date | Instant;

/** A span of time as a sum of units, each of which may be a fraction or negative, but for nanoseconds. */
export interface Delta {
  /** Days of 24 hours. */
  days?: number | undefined;
  /** Hours. */
  hours?: number | undefined;
  /** Minutes. */
  minutes?: number | undefined;
  /** Seconds. */
  seconds?: number | undefined;
  /** Thousandths of a second. */
  milliseconds?: number | undefined;
  /** Millionths of a second. */
  microseconds?: number | undefined;
  /** Nanoseconds. */
  nanoseconds?: bigint | number | undefined;
}

const NANOS_PER_MILLI = 1_000_000n;

/**
 * The nanoseconds since 1970 UTC that `time` stands for.
 *
 * Text is an integer of nanoseconds, or a date, alone or with a time of day after a blank or a `T`, up to nine decimals
 * of a second and a zone as `Z`, `+hhmm` or `+hh:mm`; UTC without one.
 *
 * @throws As {@link BTRDBValueError} for what is no such time or not within 64 bits, {@link NotInitialized} for text before
 * `init`.
 */
export function toNanoseconds(time: TimeInput): bigint {
  return nanoseconds(time, "a time");
}

/** The nanoseconds since 1970 UTC of a `Date`, which has milliseconds. */
export function datetimeToNs(date: Date): bigint {
  const millis = date.getTime();
  if (Number.isNaN(millis)) throw new BTRDBValueError("an invalid Date");
  return within(BigInt(millis) * NANOS_PER_MILLI, "a Date", BigInt.asIntN);
}

/** The `Date` of a time, cut to milliseconds; {@link isoString} has all decimals. */
export function nsToDatetime(time: bigint): Date {
  const millis = time / NANOS_PER_MILLI;
  // Division is towards zero, and times before 1970 are cut downwards as all others.
  return new Date(Number(time % NANOS_PER_MILLI < 0n ? millis - 1n : millis));
}

/**
 * A time as RFC 3339 with nine decimals: `2017-01-02T03:04:05.000000006Z`.
 *
 * @throws As {@link NotInitialized} before `init`.
 */
export function isoString(time: bigint): string {
  return sync(() => wasm().isoString(within(time, "a time", BigInt.asIntN)));
}

/** Now, in nanoseconds since 1970 UTC, as exactly as the clock of JavaScript has it: to the millisecond. */
export function currentlyAsNs(): bigint {
  return BigInt(Date.now()) * NANOS_PER_MILLI;
}

/**
 * How many nanoseconds a span of time is, each unit without what is left of it below a nanosecond.
 *
 * @throws As {@link BTRDBValueError} for more than 292 years, {@link NotInitialized} before `init`.
 */
export function nsDelta(delta: Delta): bigint {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0, microseconds = 0 } = delta;
  const whole = within(integer(delta.nanoseconds ?? 0n, "nanoseconds"), "nanoseconds", BigInt.asIntN);
  return sync(() => wasm().nsDelta(days, hours, minutes, seconds, milliseconds, microseconds, whole));
}

/** @internal A time given as the argument `name`. */
export function nanoseconds(time: TimeInput, name: string): bigint {
  if (typeof time === "string") return sync(() => wasm().toNanoseconds(time));
  if (time instanceof Date) return datetimeToNs(time);
  if (typeof time === "object" && time !== null) return within(time.epochNanoseconds, name, BigInt.asIntN);
  return within(integer(time, name), name, BigInt.asIntN);
}

/** @internal A time that may be left out. */
export function optionalNanoseconds(time: TimeInput | undefined, name: string): bigint | undefined {
  return time === undefined ? undefined : nanoseconds(time, name);
}

/** @internal A width, a count or a version given as the argument `name`. */
export function unsigned(count: bigint | number, name: string): bigint {
  return within(integer(count, name), name, BigInt.asUintN);
}

function integer(value: unknown, name: string): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value !== "number") throw new BTRDBTypeError(`${name} cannot be of type ${typeof value}`);
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new BTRDBValueError(`${name} as a number is whole and at most 2^53, but not ${value}: use a bigint`);
}

function within(value: bigint, name: string, cut: (bits: number, value: bigint) => bigint): bigint {
  if (typeof value !== "bigint") throw new BTRDBTypeError(`${name} cannot be of type ${typeof value}`);
  if (cut(64, value) === value) return value;
  throw new BTRDBValueError(`${name} of ${value} does not fit into 64 bits${cut === BigInt.asUintN ? ", from 0 on" : ""}`);
}
