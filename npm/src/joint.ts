import type { Columns, RawColumns, StatColumns } from "./columns.js";

/** @internal What makes one of the batches of a read. */
export interface Joint<T> {
  /** Takes the next batch, which is used up. All batches together have `most` rows at most, if that is known. */
  add(batch: T, most?: number): void;
  /** All of them as one. */
  whole(): T;
}

/** @internal Points. */
export const joinedPoints = (): Joint<RawColumns> => new JointColumns(POINTS);

/** @internal Windows. */
export const joinedWindows = (): Joint<StatColumns> => new JointColumns(WINDOWS);

/** @internal Points or windows, whichever `batch` has. */
export function jointOf(batch: object): Joint<Columns> {
  return ("mean" in batch ? joinedWindows() : joinedPoints()) as Joint<Columns>;
}

const POINTS = { time: BigInt64Array, value: Float64Array };
const WINDOWS = {
  time: BigInt64Array,
  min: Float64Array,
  mean: Float64Array,
  max: Float64Array,
  count: BigUint64Array,
  stddev: Float64Array,
};

/** For how many rows room is made before they are there: for 100 MB of windows, which take memory as they are written. */
const MOST_AHEAD = 2 ** 21;

type Arrays = Record<string, new (length: number) => unknown>;

/** A column, of whatever it is. */
interface Column {
  readonly length: number;
  readonly buffer: ArrayBuffer & { transfer?(length: number): ArrayBuffer };
  set(part: Column, offset: number): void;
  slice(start: number, end: number): Column;
}

/** Columns by their names. */
type Table = Record<string, Column> & { time: Column };

/**
 * Columns. Where it is known how many rows there can be, each batch goes to its place as it comes; others wait for the last
 * to tell. Either way the memory of each is given back at once: the collector would leave all of it until long after.
 */
class JointColumns<C extends Columns> implements Joint<C> {
  readonly #arrays: Arrays;
  #version = 0n;
  /** Room for all rows, and how many of them are in it. */
  #ahead: Table | undefined;
  #rows = 0;
  readonly #waiting: Table[] = [];

  constructor(arrays: Arrays) {
    this.#arrays = arrays;
  }

  add({ version, ...columns }: C, most = Infinity): void {
    if (version > this.#version) this.#version = version;
    const [first] = this.#waiting;
    // One that stays the only one is handed on as it is.
    if (first && this.#waiting.length === 1 && !this.#ahead && most <= MOST_AHEAD) {
      this.#ahead = this.#room(most);
      this.#waiting.length = 0;
      this.#take(first);
    }
    this.#take(columns as unknown as Table);
  }

  whole(): C {
    const parts = this.#ahead ? [this.#trimmed(this.#ahead), ...this.#waiting] : this.#waiting;
    const [only] = parts;
    const columns = only && parts.length === 1 ? only : this.#joined(parts);
    return { version: this.#version, ...columns } as unknown as C;
  }

  #take(batch: Table): void {
    const after = this.#rows + batch.time.length;
    if (this.#ahead && this.#waiting.length === 0 && after <= this.#ahead.time.length) {
      this.#move(batch, this.#ahead, this.#rows);
      this.#rows = after;
    } else {
      this.#waiting.push(batch);
    }
  }

  #joined(parts: Table[]): Table {
    const whole = this.#room(parts.reduce((rows, { time }) => rows + time.length, 0));
    let rows = 0;
    for (const part of parts) {
      const { length } = part.time;
      this.#move(part, whole, rows);
      rows += length;
    }
    return whole;
  }

  /** The rows of `table` that are there. */
  #trimmed(table: Table): Table {
    if (this.#rows === table.time.length) return table;
    return this.#each((name) => {
      const rows = table[name]?.slice(0, this.#rows);
      table[name]?.buffer.transfer?.(0);
      return rows;
    });
  }

  #room(rows: number): Table {
    return this.#each((_, Array) => new Array(rows));
  }

  #move(from: Table, to: Table, row: number): void {
    for (const name in this.#arrays) {
      const part = from[name] as Column;
      to[name]?.set(part, row);
      part.buffer.transfer?.(0);
    }
  }

  #each(column: (name: string, Array: Arrays[string]) => unknown): Table {
    const columns = Object.entries(this.#arrays).map(([name, Array]) => [name, column(name, Array)]);
    return Object.fromEntries(columns) as Table;
  }
}

/** @internal `batches` as one. */
export function joined<T>(joint: Joint<T>, batches: T[]): T {
  for (const batch of batches) joint.add(batch);
  return joint.whole();
}

/** @internal Batches of several streams, as columns of each: points, or windows unless `isRaw`. */
export function joinedByStream(
  batches: readonly { index: number; columns: Columns }[],
  streams: number,
  isRaw: boolean,
): Columns[] {
  const byStream = Array.from({ length: streams }, () => {
    return (isRaw ? joinedPoints() : joinedWindows()) as Joint<Columns>;
  });
  for (const { index, columns } of batches) byStream[index]?.add(columns);
  return byStream.map((joint) => joint.whole());
}
