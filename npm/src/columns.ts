/** What a server says of itself. */
export interface Info {
  /** The generation of the protocol: 5. */
  majorVersion: number;
  /** The release within it. */
  minorVersion: number;
  /** The full version. */
  build: string;
  /** Where else the service answers; empty where the server keeps that to itself. */
  proxyEndpoints: string[];
}

/** What is known of a stream besides its points. */
export interface Descriptor {
  /** The stream's name for ever. */
  uuid: string;
  /** The path it is filed under. */
  collection: string;
  /** `name`, `unit` and the other tags that BTrDB knows; empty where they are not set. */
  tags: Record<string, string>;
  /** Whatever else people noted of it, as stored: text, or JSON. */
  annotations: Record<string, string>;
  /** Counts changes of collection, tags and annotations, from 1. */
  propertyVersion: number;
}

/** Points as columns of equal length, ascending in time. */
export interface RawColumns {
  /** The version they were read at. */
  version: bigint;
  /** Nanoseconds since 1970 UTC. */
  time: BigInt64Array<ArrayBuffer>;
  /** The values. */
  value: Float64Array<ArrayBuffer>;
}

/** Windows as columns of equal length, ascending in time. */
export interface StatColumns {
  /** The version they were read at. */
  version: bigint;
  /** Starts of the windows, nanoseconds since 1970 UTC. */
  time: BigInt64Array<ArrayBuffer>;
  /** The smallest values. */
  min: Float64Array<ArrayBuffer>;
  /** The arithmetic means. */
  mean: Float64Array<ArrayBuffer>;
  /** The largest values. */
  max: Float64Array<ArrayBuffer>;
  /** Numbers of points. 0 marks a gap: the other fields of that window mean nothing. */
  count: BigUint64Array<ArrayBuffer>;
  /** Population standard deviations. */
  stddev: Float64Array<ArrayBuffer>;
}

/** Points or windows. */
export type Columns = RawColumns | StatColumns;

/** A point of time and a value. */
export interface Point {
  /** Nanoseconds since 1970 UTC. */
  time: bigint;
  /** The value. */
  value: number;
}

/** A point, and the version it was read at. */
export interface RawPoint extends Point {
  /** The version it was read at. */
  version: bigint;
}

/** A window. */
export interface StatPoint {
  /** The start of the window, nanoseconds since 1970 UTC. */
  time: bigint;
  /** The smallest value. */
  min: number;
  /** The arithmetic mean. */
  mean: number;
  /** The largest value. */
  max: number;
  /** The number of points. 0 marks a gap: the other fields mean nothing. */
  count: bigint;
  /** The population standard deviation. */
  stddev: number;
}

/** One point or window of columns of type `C`. */
export type PointOf<C extends Columns> = C extends StatColumns ? StatPoint : Point;

/** A half-open range of time, in nanoseconds since 1970 UTC. */
export interface TimeRange {
  /** The first time. */
  start: bigint;
  /** The first time that is not in it. */
  end: bigint;
}

/** Ranges of time that differ between two versions. */
export interface Changes {
  /** The later version. */
  version: bigint;
  /** The ranges, ascending. They cover every change, and may cover more. */
  ranges: TimeRange[];
}

/** What happened to a stream that is followed. */
export type TailEvent =
  | {
      /** The stream went from one version to another. What was known of `ranges` holds no longer. */
      type: "changed";
      /** The version before. */
      since: bigint;
      /** The version now. */
      version: bigint;
      /** Where the two differ. They cover every change, and may cover more. */
      ranges: TimeRange[];
    }
  | {
      /** Points that the changed ranges hold now. */
      type: "points";
      /** The version they are of. */
      version: bigint;
      /** Nanoseconds since 1970 UTC. */
      time: BigInt64Array<ArrayBuffer>;
      /** The values. */
      value: Float64Array<ArrayBuffer>;
    };

/** An Arrow IPC stream, and the version it was read at. */
export interface ArrowData {
  /** The version it was read at. */
  version: bigint;
  /** The bytes, at the beginning of a buffer of their own. */
  ipc: Uint8Array<ArrayBuffer>;
}

/** The points or windows of `columns`, one by one. */
export function* points<C extends Columns>(columns: C): Generator<PointOf<C>> {
  for (let row = 0; row < columns.time.length; row += 1) yield pointAt(columns, row);
}

/** @internal The point or window in row `row`. */
export function pointAt<C extends Columns>(columns: C, row: number): PointOf<C> {
  const point =
    "value" in columns
      ? { time: columns.time[row], value: columns.value[row] }
      : {
          time: columns.time[row],
          min: columns.min[row],
          mean: columns.mean[row],
          max: columns.max[row],
          count: columns.count[row],
          stddev: columns.stddev[row],
        };
  return point as PointOf<C>;
}
