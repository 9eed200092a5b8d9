// Generated messages, an object for each point, as columns.
import { Growable } from "./columns.js";

/** Reads all of `replies` into columns. */
export async function gathered(kind, replies) {
  const columns = new Growable(kind);
  for await (const { values } of replies) add(kind, values, columns);
  return columns.finish();
}

/** Adds messages of either kind to columns. */
export function add(kind, values, columns) {
  if (kind === "windows") addWindows(values, columns);
  else addPoints(values, columns);
}

function addWindows(values, columns) {
  columns.reserve(values.length);
  const [time, min, mean, max, count, stddev] = columns.arrays;
  let row = columns.rows;
  for (const point of values) {
    time[row] = point.time;
    min[row] = point.min;
    mean[row] = point.mean;
    max[row] = point.max;
    count[row] = point.count;
    stddev[row] = point.stddev;
    row += 1;
  }
  columns.rows = row;
}

function addPoints(values, columns) {
  columns.reserve(values.length);
  const [time, value] = columns.arrays;
  let row = columns.rows;
  for (const point of values) {
    time[row] = point.time;
    value[row] = point.value;
    row += 1;
  }
  columns.rows = row;
}
