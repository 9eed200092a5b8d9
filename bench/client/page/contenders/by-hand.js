// The best that we know how to write in JavaScript: columns straight from the bytes, with no object for a point.
import { Growable } from "../lib/columns.js";
import { fields } from "../lib/envelope.js";
import { messages } from "../lib/frames.js";

const VALUES = 4;
/** The tag of a point. */
const POINT = 0x22;
/** The least that a point takes, to make room by. */
const LEAST = 11;

export async function open({ paths }) {
  return async (kind) => {
    const columns = new Growable(kind);
    const decode = kind === "windows" ? windows : points;
    await messages(paths[kind], (message) => decode(message, columns));
    return columns.finish();
  };
}

/** 64-bit integers as their halves, for which no BigInt is made. */
const halves = (array) => new Uint32Array(array.buffer);

function windows(message, columns) {
  columns.reserve(Math.ceil(message.length / LEAST));
  const [times, min, mean, max, counts, stddev] = columns.arrays;
  const [time, count] = [halves(times), halves(counts)];
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  let [row, at] = [columns.rows, firstValue(message)];
  while (at < message.length) {
    const end = endOf(message, at);
    for (at += 2; at < end; at += 9) {
      switch (message[at]) {
        case 0x09:
          time[2 * row] = view.getUint32(at + 1, true);
          time[2 * row + 1] = view.getUint32(at + 5, true);
          break;
        case 0x11:
          min[row] = view.getFloat64(at + 1, true);
          break;
        case 0x19:
          mean[row] = view.getFloat64(at + 1, true);
          break;
        case 0x21:
          max[row] = view.getFloat64(at + 1, true);
          break;
        case 0x29:
          count[2 * row] = view.getUint32(at + 1, true);
          count[2 * row + 1] = view.getUint32(at + 5, true);
          break;
        case 0x31:
          stddev[row] = view.getFloat64(at + 1, true);
          break;
        default:
          throw new Error(`no such field of a window: ${message[at]}`);
      }
    }
    row += 1;
  }
  columns.rows = row;
}

function points(message, columns) {
  columns.reserve(Math.ceil(message.length / LEAST));
  const [times, value] = columns.arrays;
  const time = halves(times);
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  let [row, at] = [columns.rows, firstValue(message)];
  while (at < message.length) {
    const end = endOf(message, at);
    for (at += 2; at < end; at += 9) {
      switch (message[at]) {
        case 0x09:
          time[2 * row] = view.getUint32(at + 1, true);
          time[2 * row + 1] = view.getUint32(at + 5, true);
          break;
        case 0x11:
          value[row] = view.getFloat64(at + 1, true);
          break;
        default:
          throw new Error(`no such field of a point: ${message[at]}`);
      }
    }
    row += 1;
  }
  columns.rows = row;
}

/** Where the points begin: after all else. */
function firstValue(message) {
  let first = message.length;
  fields(message, (field, start) => {
    if (field !== VALUES) return false;
    // The tag and the length of a point are a byte each.
    first = start - 2;
    return true;
  });
  return first;
}

/** Where the point at `at` ends. */
function endOf(message, at) {
  if (message[at] !== POINT || message[at + 1] >= 0x80) throw new Error("something between the points");
  return at + 2 + message[at + 1];
}
