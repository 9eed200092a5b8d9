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
    await messages(paths[kind], (message) => decode(message, columns));
    return columns.finish();
  };
}

/** Adds the points or windows of a message: of all their fields eight bytes each, which are copied by halves. */
function decode(message, columns) {
  columns.reserve(Math.ceil(message.length / LEAST));
  const halves = columns.arrays.map(({ buffer }) => new Uint32Array(buffer));
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  let [row, at] = [columns.rows, firstValue(message)];
  while (at < message.length) {
    const end = endOf(message, at);
    for (at += 2; at < end; at += 9) {
      // The n-th field is the n-th column.
      const tag = message[at] - 9;
      const column = halves[tag >> 3];
      if ((tag & 7) !== 0 || column === undefined) throw new Error(`no such field: ${message[at]}`);
      column[2 * row] = view.getUint32(at + 1, true);
      column[2 * row + 1] = view.getUint32(at + 5, true);
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
