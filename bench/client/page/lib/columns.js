// The finish line: typed arrays of JavaScript's own, one for each column, of all rows.

const TIME = ["time", BigInt64Array];
const FLOATS = (names) => names.map((name) => [name, Float64Array]);

/** The columns of either kind of read, in the order of the wire. */
export const COLUMNS = {
  windows: [TIME, ...FLOATS(["min", "mean", "max"]), ["count", BigUint64Array], ...FLOATS(["stddev"])],
  points: [TIME, ...FLOATS(["value"])],
};

const FIRST_CAPACITY = 65_536;

/** Columns that grow as rows or parts of columns come. */
export class Growable {
  constructor(kind) {
    this.names = COLUMNS[kind].map(([name]) => name);
    this.arrays = COLUMNS[kind].map(([, Type]) => new Type(FIRST_CAPACITY));
    this.rows = 0;
  }

  /** Makes room for `more` rows. Whoever holds `arrays` has to take them anew. */
  reserve(more) {
    const wanted = this.rows + more;
    let capacity = this.arrays[0].length;
    if (wanted <= capacity) return;
    while (capacity < wanted) capacity *= 2;
    this.arrays = this.arrays.map((array) => {
      const larger = new array.constructor(capacity);
      larger.set(array.subarray(0, this.rows));
      return larger;
    });
  }

  /** Adds a part of each column. */
  append(parts) {
    const rows = parts[0].length;
    this.reserve(rows);
    this.arrays.forEach((array, column) => array.set(parts[column], this.rows));
    this.rows += rows;
  }

  finish() {
    return Object.fromEntries(this.names.map((name, column) => [name, this.arrays[column].subarray(0, this.rows)]));
  }
}

/** What must be the same whoever read it: the rows, the first and last time, and the sum of every column. */
export function checksum(kind, columns) {
  const { time } = columns;
  const sums = COLUMNS[kind].map(([name]) => `${name} ${sum(columns[name])}`);
  return `${time.length} rows from ${time.at(0)} to ${time.at(-1)}; ${sums.join(", ")}`;
}

function sum(array) {
  if (array instanceof Float64Array) return array.reduce((sum, value) => sum + value, 0);
  // Both halves apart: exact, and no BigInt is made.
  const words = new Uint32Array(array.buffer, array.byteOffset, array.length * 2);
  const halves = [0, 0];
  words.forEach((word, index) => (halves[index % 2] += word));
  return halves.join(":");
}
