import { BTRDBTypeError } from "./errors.js";
import type { PointsInput } from "./stream-options.js";
import { nanoseconds } from "./time.js";

/** @internal Points as columns, whichever way they are given. */
export function columnsOf(points: PointsInput): { time: BigInt64Array; value: Float64Array } {
  if (typeof points !== "object" || points === null) {
    throw new BTRDBTypeError("points are columns of time and value, or points one by one");
  }
  if (!(Symbol.iterator in points)) {
    const { time, value } = points;
    return {
      time: time instanceof BigInt64Array ? time : BigInt64Array.from(time, (at) => nanoseconds(at, "a time")),
      value: value instanceof Float64Array ? value : Float64Array.from(value, number),
    };
  }
  const [time, value]: [bigint[], number[]] = [[], []];
  for (const point of points) {
    const [at, what] = "time" in point ? [point.time, point.value] : point;
    time.push(nanoseconds(at, "a time"));
    value.push(number(what));
  }
  return { time: BigInt64Array.from(time), value: Float64Array.from(value) };
}

function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw new BTRDBTypeError(`a value cannot be of type ${typeof value}: it is a number`);
}
