import type { AnnotationValue } from "./annotations.js";
import type { CallOptions, ReadOptions } from "./call.js";
import type { ConnectionHandle } from "./connection.js";
import type { TimeInput } from "./time.js";

/** A stream as plain data: post it to a worker and make it a stream again by {@link Stream.fromHandle}. */
export interface StreamHandle {
  /** The stream. */
  uuid: string;
  /** Where it is read. It holds the API key. */
  connection: ConnectionHandle;
}

/** What becomes of a point at a time that has points already. */
export type MergePolicy =
  /** It is one more. */
  | "never"
  /** It is one more unless one of them has the same value. */
  | "equal"
  /** They stay, and it is left out. */
  | "retain"
  /** It takes their place. */
  | "replace";

/** How points are inserted. */
export interface InsertOptions extends CallOptions {
  /** What becomes of points at times that have some already; `never` merged unless given. */
  merge?: MergePolicy | undefined;
  /** How many points one call to the server carries; 50,000 unless given. */
  pointsPerCall?: number | undefined;
}

/** Points to insert as columns of equal length. */
export interface PointColumns {
  /** Times; a `BigInt64Array` of nanoseconds is taken as it is. */
  time: BigInt64Array | readonly TimeInput[];
  /** Values; a `Float64Array` is taken as it is. */
  value: Float64Array | readonly number[];
}

/** A point to insert. */
export interface PointInput {
  /** When. */
  time: TimeInput;
  /** How much. */
  value: number;
}

/** Points to insert, in any order: columns, or one by one. */
export type PointsInput = PointColumns | Iterable<PointInput | readonly [time: TimeInput, value: number]>;

/** How points are counted. */
export interface CountOptions extends ReadOptions {
  /** Whether to count exactly, which costs the server little more. */
  precise?: boolean | undefined;
  /** Counts by windows of at most two to this power nanoseconds, of which less lies outside of the range. */
  pointWidth?: number | undefined;
}

/** Where {@link Stream.nearest} looks. */
export interface NearestOptions extends ReadOptions {
  /** Whether to look before the time given, which is then not included, instead of at it and after. */
  backward?: boolean | undefined;
}

/** What is read as Arrow. */
export interface ArrowValuesOptions extends ReadOptions {
  /** An IPC stream of a schema alone, of as many fields, which the server casts to by position. */
  schema?: Uint8Array | undefined;
}

/** What is to change. What is left out stays as it is. */
export interface Update {
  /** The collection to move the stream to. */
  collection?: string | undefined;
  /** Tags to set; others stay. */
  tags?: Readonly<Record<string, string>> | undefined;
  /** Annotations to set; others stay unless `replace` says otherwise. */
  annotations?: Readonly<Record<string, AnnotationValue>> | undefined;
  /** Whether to remove the annotations that are not named. */
  replace?: boolean | undefined;
  /** The property version that the stream must still be at; the one last seen unless given. */
  expectedVersion?: number | undefined;
}

/** What to follow, and how closely. */
export interface TailOptions extends CallOptions {
  /** How long to wait before asking again once all is told, in milliseconds; 1,000 unless given. */
  intervalMs?: number | undefined;
  /** The version that is known already; the one at the beginning unless given, so that only what is new is told. */
  since?: bigint | undefined;
  /** The earliest time of interest. */
  start?: TimeInput | undefined;
  /** A changed range begins and ends at multiples of two to this power nanoseconds; 0 unless given. */
  resolution?: number | undefined;
}
