// What an instance of the wasm module exports, declared by hand: crates/client-wasm/src/js has the other side. Nothing
// public names it.

import type { Changes, Descriptor, Info, RawColumns, RawPoint, StatColumns, TailEvent } from "./columns.js";
import type { Series, Table, Values } from "./tables.js";
import type { Ask } from "./transport.js";

/** Starts an instance, whose own functions are called as `guarded` has them, and whose requests are aborted by `Abort`. */
export function instantiate(
  module: WebAssembly.Module,
  guarded: (exports: WebAssembly.Exports) => WebAssembly.Exports,
  Abort: new () => AbortController,
): Exports;

export interface Control {
  signal?: AbortSignal;
  timeoutMs?: number;
  stallMs?: number;
  retry?: Again;
  resume?: Again;
  /** Whether all of a read is wanted at once. It is for workers: here each batch is handed out as it comes. */
  whole?: boolean;
}

export interface Again {
  retries: number;
  delayMs: number;
  backoff: number;
}

export interface Choice {
  start?: bigint;
  end?: bigint;
  collection?: string | string[];
  name?: string | string[];
  unit?: string | string[];
  tags?: Record<string, string>;
  annotations?: Record<string, string>;
  samplingFrequency?: number;
  schema?: Uint8Array;
}

export interface Ipc {
  version: bigint;
  ipc: Uint8Array<ArrayBuffer>;
}

export interface StreamBatch {
  index: number;
  columns: RawColumns | StatColumns;
}

export interface Rows {
  time: BigInt64Array;
  streams: { present: Uint8Array; columns: RawColumns | StatColumns }[];
}

export interface Records {
  time: BigInt64Array;
  columns: { present: Uint8Array; values: Values }[];
}

type Texts = Record<string, string> | undefined;
type OpenTexts = Record<string, string | null> | undefined;
type Versions = [string, bigint][];
type Time = bigint | undefined;
type Names = string[] | undefined;

/** Where a server is, and how it is talked to. */
type Server = [
  endpoint: string,
  apiKey: string | undefined,
  clientName: string | undefined,
  gzip: boolean,
  arrow: boolean | undefined,
  ask: Ask,
];

export interface Exports {
  memory: WebAssembly.Memory;
  /** How many connections, streams, sets and open reads there are. */
  liveHandles(): number;
  connect(...server: [...Server, control: Control]): Promise<Connection>;
  unasked(...server: Server): Connection;

  toNanoseconds(text: string): bigint;
  isoString(nanos: bigint): string;
  nsDelta(
    days: number,
    hours: number,
    minutes: number,
    seconds: number,
    milliseconds: number,
    microseconds: number,
    nanoseconds: bigint,
  ): bigint;
  pointWidthFromNanoseconds(nanos: bigint): number;
  pointWidthToNanoseconds(width: number): bigint;
  pointWidthDescribe(width: number): string;
  pointWidthForAlignedWindows(
    width: number,
    start: bigint,
    end: bigint,
  ): { first: bigint; last: bigint; count: bigint };
  StreamList: new () => StreamList;
}

/** What lives in the module's memory until it is freed, or nobody refers to it any longer. */
export interface Handle {
  free(): void;
}

export interface Batches<B> {
  /** How many rows there are in all batches together at most, where that is known before they come. */
  readonly most?: number | undefined;
  next(): Promise<B | undefined>;
  cancel(): void;
}

export interface Connection extends Handle {
  usesArrow(): boolean;
  info(control: Control): Promise<Info>;
  streamFromUuid(uuid: string): Stream;
  create(uuid: string, collection: string, tags: Texts, annotations: Texts, control: Control): Promise<Stream>;
  streams(identifiers: string[], versions: BigUint64Array, prefix: boolean, control: Control): Promise<StreamSet>;
  streamsInCollection(
    collection: string,
    prefix: boolean,
    tags: OpenTexts,
    annotations: OpenTexts,
    control: Control,
  ): Promise<Stream[]>;
  listCollections(prefix: string, control: Control): Promise<string[]>;
  listUniqueNames(prefix: string, control: Control): Promise<string[]>;
  listUniqueUnits(prefix: string, control: Control): Promise<string[]>;
  listUniqueAnnotations(prefix: string, control: Control): Promise<string[]>;
  collectionMetadata(
    prefix: string,
    control: Control,
  ): Promise<{ tags: Record<string, number>; annotations: Record<string, number> }>;
  query(statement: string, parameters: string[], control: Control): Promise<string[]>;
}

export interface Stream extends Handle {
  readonly uuid: string;
  descriptor(fresh: boolean, control: Control): Promise<Descriptor>;
  exists(control: Control): Promise<boolean>;
  version(control: Control): Promise<bigint>;
  values(start: Time, end: Time, version: bigint, control: Control): Batches<RawColumns>;
  windows(start: Time, end: Time, width: bigint, version: bigint, control: Control): Batches<StatColumns>;
  alignedWindows(start: Time, end: Time, width: number, version: bigint, control: Control): Batches<StatColumns>;
  count(
    start: Time,
    end: Time,
    version: bigint,
    precise: boolean,
    width: number | undefined,
    control: Control,
  ): Promise<bigint>;
  extreme(which: Extreme, version: bigint, control: Control): Promise<RawPoint | undefined>;
  nearest(time: bigint, backward: boolean, version: bigint, control: Control): Promise<RawPoint | undefined>;
  changes(from: bigint, to: bigint, resolution: number, control: Control): Promise<Changes>;
  tail(
    intervalMs: number | undefined,
    since: Time,
    start: Time,
    resolution: number | undefined,
    control: Control,
  ): Batches<TailEvent>;
  arrowValues(start: Time, end: Time, version: bigint, schema: Uint8Array | undefined, control: Control): Promise<Ipc>;
  arrowWindows(start: Time, end: Time, width: bigint, version: bigint, control: Control): Promise<Ipc>;
  arrowAlignedWindows(start: Time, end: Time, width: number, version: bigint, control: Control): Promise<Ipc>;
  arrowInsert(ipc: Uint8Array, merge: string, control: Control): Promise<bigint>;
  insert(
    time: BigInt64Array,
    value: Float64Array,
    merge: string,
    pointsPerCall: number | undefined,
    control: Control,
  ): Promise<bigint>;
  delete(start: bigint, end: bigint, control: Control): Promise<bigint>;
  flush(control: Control): Promise<bigint>;
  obliterate(control: Control): Promise<void>;
  update(
    collection: string | undefined,
    tags: Texts,
    annotations: Texts,
    replace: boolean,
    expectedVersion: bigint | undefined,
    control: Control,
  ): Promise<number>;
}

export type Extreme = "earliest" | "latest" | "current";

export interface StreamList {
  push(stream: Stream): void;
  set(left: boolean): StreamSet;
}

export interface StreamSet extends Handle {
  streams(): Stream[];
  uuids(): string[];
  allowWindow(): boolean;
  windows(width: bigint): StreamSet;
  alignedWindows(width: number): StreamSet;
  parallel(calls: number): StreamSet;
  withVersions(uuids: string[], versions: BigUint64Array): StreamSet;
  pinVersions(control: Control): Promise<StreamSet>;
  versions(control: Control): Promise<Versions>;
  descriptors(control: Control): Promise<Descriptor[]>;
  filter(choice: Choice, control: Control): Promise<StreamSet>;
  valuesIter(control: Control): Batches<StreamBatch>;
  rows(control: Control): Batches<Rows>;
  count(precise: boolean, control: Control): Promise<bigint>;
  extremes(which: Extreme, control: Control): Promise<(Omit<RawPoint, "version"> | undefined)[]>;
  insert(points: [string, BigInt64Array, Float64Array][], merge: string, control: Control): Promise<Versions>;
  arrowInsert(tables: [string, Uint8Array][], merge: string, control: Control): Promise<Versions>;
  arrowValues(control: Control): Promise<Uint8Array<ArrayBuffer>>;
  arrowValuesBatches(control: Control): Batches<Uint8Array<ArrayBuffer>>;
  toColumns(agg: string[], names: Names, control: Control): Promise<Table>;
  toArrowTable(agg: string[], names: Names, control: Control): Promise<Uint8Array<ArrayBuffer>>;
  records(agg: string[], names: Names, control: Control): Promise<{ keys: string[]; batches: Batches<Records> }>;
  toArray(agg: string, control: Control): Promise<Values[]>;
  toSeries(agg: string, names: Names, control: Control): Promise<Series[]>;
  csvLines(agg: string[], names: Names, delimiter: string, lineEnd: string, control: Control): Promise<Batches<string[]>>;
  toTable(agg: string[], names: Names, control: Control): Promise<string>;
}
