import type { CallOptions } from "./call.js";
import type { Columns, Descriptor, PointOf } from "./columns.js";

/** Values or a statistic of windows; counts are integers. */
export type Values = Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** A statistic of windows. */
export type Aggregate = "min" | "mean" | "max" | "count" | "stddev";

/** What streams are called in a table. */
export interface NameOptions extends CallOptions {
  /**
   * What a stream is called; `collection/name` unless given. Columns of a table have different names, none of which is `time`:
   * it throws {@link BTRDBValueError} otherwise.
   */
  name?: ((stream: Descriptor) => string) | undefined;
}

/** What a table shows. */
export interface TableOptions extends NameOptions {
  /** Which statistics of windows, in the order of their columns: the mean unless given. Points have none. */
  agg?: Aggregate | readonly Aggregate[] | undefined;
}

/** What a series shows. */
export interface SeriesOptions extends NameOptions {
  /** Which statistic of windows: the mean unless given. Points have none. */
  agg?: Aggregate | undefined;
}

/** How CSV is written. */
export interface CsvOptions extends TableOptions {
  /** Between two values, one character of ASCII: a comma unless given. */
  delimiter?: string | undefined;
  /** After each line: a carriage return and a line feed unless given. */
  lineEnd?: "\r\n" | "\n" | undefined;
}

/** One column of a table. */
export interface NamedColumn {
  /** What it is called. */
  name: string;
  /** As many as there are times; NaN or 0 where there is none. */
  values: Values;
  /** 1 where there is a number, 0 where there is none. Left out for points, where NaN says so. */
  present?: Uint8Array<ArrayBuffer>;
}

/** Columns over one column of times. */
export interface Table {
  /** The times, ascending, each once, nanoseconds since 1970 UTC. */
  time: BigInt64Array<ArrayBuffer>;
  /** The columns. */
  columns: NamedColumn[];
}

/** The numbers of one stream over their times. */
export interface Series {
  /** What the stream is called. */
  name: string;
  /** The times, ascending, nanoseconds since 1970 UTC. */
  time: BigInt64Array<ArrayBuffer>;
  /** The values, or the statistic of windows, of those times. */
  values: Values;
}

/** What the streams of a set have at one time. */
export interface Row<C extends Columns> {
  /** Nanoseconds since 1970 UTC. */
  time: bigint;
  /** The point or window of each stream, in their order; `undefined` where one has none at that time. */
  points: (PointOf<C> | undefined)[];
}

/** A row of numbers: `time`, and one under each name, `null` where a stream has none at that time. */
export interface TableRecord {
  /** Nanoseconds since 1970 UTC. */
  time: bigint;
  [name: string]: number | bigint | null;
}
