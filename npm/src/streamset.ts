import type * as raw from "./btrdb_web.js";
import { type CallOptions, call, merged, sync } from "./call.js";
import {
  type Columns,
  type Point,
  type RawColumns,
  type StatColumns,
  joinRaw,
  joinStats,
} from "./columns.js";
import type { Connection } from "./connection.js";
import { BTRDBValueError } from "./errors.js";
import { type Filter, choice } from "./filter.js";
import { wasm } from "./instance.js";
import { columnsOf } from "./points.js";
import { Flow } from "./read.js";
import { recordsOf, rowsOf } from "./rows.js";
import { Stream } from "./stream.js";
import type { InsertOptions, MergePolicy, PointsInput } from "./stream-options.js";
import type {
  Aggregate,
  CsvOptions,
  NameOptions,
  Row,
  Series,
  SeriesOptions,
  Table,
  TableOptions,
  TableRecord,
  Values,
} from "./tables.js";
import { unsigned } from "./time.js";

/** Something for each of some streams, by uuid. */
export type ByUuid<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>;

/** Some points or windows of one stream of a set. */
export interface StreamBatch<C extends Columns> {
  /** The stream. */
  stream: Stream;
  /** Its place in the set, counted from 0. */
  index: number;
  /** The points or windows, which follow those of the stream's batch before. */
  columns: C;
}

/**
 * Several streams, the range of time they are read in, whether as points or as windows, and at which versions.
 *
 * Ranges, windows and versions are set by methods that return another set; nothing is asked for until something is read.
 * A set reads points unless {@link StreamSet.windows} or {@link StreamSet.alignedWindows} was called, all of time unless
 * filtered, and the newest versions unless pinned. `C` is what it reads.
 */
export class StreamSet<C extends Columns = RawColumns> implements Iterable<Stream> {
  readonly #raw: raw.StreamSet;
  readonly #streams: readonly Stream[];
  readonly #calls: CallOptions;

  /** The set of `streams`, in their order; there must be one. */
  constructor(streams: Iterable<Stream>);
  /** @internal */
  constructor(streams: Iterable<Stream>, set: raw.StreamSet, calls: CallOptions);
  constructor(streams: Iterable<Stream>, set?: raw.StreamSet, calls?: CallOptions) {
    this.#streams = [...streams];
    const connection = this.#streams[0]?.connection;
    this.#calls = calls ?? connection?.calls ?? {};
    this.#raw = set ?? sync(() => bound(this.#streams, connection));
  }

  /** @internal The set that `connection` found. */
  static of(set: raw.StreamSet, streams: Stream[], connection: Connection): StreamSet {
    const { parallel, calls } = connection;
    return new StreamSet(streams, parallel === undefined ? set : set.parallel(parallel), calls);
  }

  /** How many streams there are. */
  get length(): number {
    return this.#streams.length;
  }

  /** The streams, in the order of every result. */
  [Symbol.iterator](): IterableIterator<Stream> {
    return this.#streams[Symbol.iterator]();
  }

  /** The stream in place `index`, from the end if that is negative; `undefined` where there is none. */
  at(index: number): Stream | undefined {
    return this.#streams.at(index);
  }

  /** The place of the stream of `uuid`, counted from 0; -1 where it is not in the set. */
  index(uuid: string): number {
    return this.#streams.findIndex((stream) => stream.uuid === uuid.toLowerCase());
  }

  /** The stream of `uuid`; `undefined` where it is not in the set. */
  get(uuid: string): Stream | undefined {
    return this.#streams[this.index(uuid)];
  }

  /** The same set again. Sets never change, so there is little reason to. */
  clone(): StreamSet<C> {
    return this.#like<C>(this.#raw);
  }

  /** The same set, whose calls follow `options`. */
  with(options: CallOptions): StreamSet<C> {
    const streams = this.#streams.map((stream) => stream.with(options));
    return new StreamSet<C>(streams, this.#raw, merged(this.#calls, options));
  }

  /** The same set, which makes at most `calls` calls at a time; 4 otherwise. */
  parallel(calls: number): StreamSet<C> {
    if (!(Number.isInteger(calls) && calls > 0)) throw new BTRDBValueError(`${calls} calls at a time: there is at least one`);
    return this.#like<C>(this.#raw.parallel(calls));
  }

  /**
   * The streams of this set that `filter` leaves, read as it says and otherwise as before. Asks for what is not known of
   * the streams yet, if the filter speaks of it.
   *
   * @throws {@link InvalidTimeRange} where the start would not be before the end; {@link BTRDBValueError} for a frequency
   * that is no positive number up to 1 GHz, and for a frequency or a schema without a start or an end.
   */
  filter(filter: Filter, options?: CallOptions): Promise<StreamSet<C>> {
    return this.#call(options, async (control) => {
      const chosen = await choice(filter, () => this.#raw.descriptors(control));
      const set = await this.#raw.filter(chosen, control);
      const left = set.uuids().map((uuid) => this.get(uuid));
      return new StreamSet<C>(left.filter((stream) => stream !== undefined), set, this.#calls);
    });
  }

  /** The same set, read as windows of `width` nanoseconds from the start of the range on. */
  windows(width: bigint | number): StreamSet<StatColumns> {
    return this.#like<StatColumns>(sync(() => this.#raw.windows(unsigned(width, "width"))));
  }

  /** The same set, read as windows of `2^pointWidth` nanoseconds on the grid of the epoch. */
  alignedWindows(pointWidth: number): StreamSet<StatColumns> {
    return this.#like<StatColumns>(sync(() => this.#raw.alignedWindows(pointWidth)));
  }

  /** Whether windows may still be asked for: they were not before. */
  get allowWindow(): boolean {
    return this.#raw.allowWindow();
  }

  /** The same set, read at `versions` by uuid, or at those that are the newest now. */
  pinVersions(versions?: ByUuid<bigint>, options?: CallOptions): Promise<StreamSet<C>> {
    return this.#call(options, async (control) => {
      if (!versions) return this.#like<C>(await this.#raw.pinVersions(control));
      const [uuids, at] = [[...entries(versions)].map(([uuid]) => uuid), [...entries(versions)].map(([, at]) => at)];
      return this.#like<C>(this.#raw.withVersions(uuids, BigUint64Array.from(at)));
    });
  }

  /** The versions that are read, by uuid: the pinned ones, or where none are pinned the newest there are now. */
  versions(options?: CallOptions): Promise<Map<string, bigint>> {
    return this.#call(options, async (control) => new Map(await this.#raw.versions(control)));
  }

  /** All points or windows of each stream, in the order of the streams. */
  async values(options?: CallOptions): Promise<C[]> {
    const batches: C[][] = this.#streams.map(() => []);
    for await (const { index, columns } of this.valuesIter(options)) batches[index]?.push(columns);
    const joined = (batches: Columns[]): Columns =>
      this.allowWindow ? joinRaw(batches as RawColumns[]) : joinStats(batches as StatColumns[]);
    return batches.map((batches) => joined(batches) as C);
  }

  /** The points or windows of each stream in batches as they arrive, those of one stream in order, those of several mixed. */
  valuesIter(options?: CallOptions): Flow<StreamBatch<C>> {
    return this.#flow(
      options,
      (control) => this.#raw.valuesIter(control),
      ({ index, columns }) => [{ stream: this.#streams[index] as Stream, index, columns: columns as C }],
    );
  }

  /**
   * The points or windows of all streams, one row for each time at which any stream has one, ascending. A stream with
   * several points at one time makes several rows. Memory holds one batch of each stream.
   */
  rows(options?: CallOptions): Flow<Row<C>> {
    return this.#flow(options, (control) => this.#raw.rows(control), (batch) => rowsOf<C>(batch));
  }

  /** How many points all streams together hold in the range, each as {@link Stream.count} counts them. */
  count(options: CallOptions & { /** Whether to count exactly. */ precise?: boolean } = {}): Promise<bigint> {
    const { precise = false } = options;
    return this.#call(options, (control) => this.#raw.count(precise, control));
  }

  /** The first point of each stream at or after the start of the range; `undefined` where there is none. */
  earliest(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (control) => this.#raw.extremes("earliest", control));
  }

  /** The last point of each stream before the end of the range; `undefined` where there is none. */
  latest(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (control) => this.#raw.extremes("latest", control));
  }

  /** The last point of each stream before now, which must be in the range; `undefined` where there is none. */
  current(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (control) => this.#raw.extremes("current", control));
  }

  /** Inserts the points given by uuid. Returns the versions then. Streams for which none are given stay as they are. */
  insert(points: ByUuid<PointsInput>, options: InsertOptions = {}): Promise<Map<string, bigint>> {
    const { merge = "never" } = options;
    return this.#call(options, async (control) => {
      const columns = [...entries(points)].map(([uuid, points]): [string, BigInt64Array, Float64Array] => {
        const { time, value } = columnsOf(points);
        return [uuid, time, value];
      });
      return new Map(await this.#raw.insert(columns, merge, control));
    });
  }

  /** {@link StreamSet.insert} of Arrow IPC streams, as {@link Stream.arrowInsert} takes them. */
  arrowInsert(
    tables: ByUuid<Uint8Array>,
    options: CallOptions & { /** What becomes of points at times that have some already. */ merge?: MergePolicy } = {},
  ): Promise<Map<string, bigint>> {
    const { merge = "never" } = options;
    return this.#call(options, async (control) => {
      return new Map(await this.#raw.arrowInsert([...entries(tables)], merge, control));
    });
  }

  /**
   * The whole set as one Arrow IPC stream. Points: `time` and a column for each stream, called by its uuid, NaN where it
   * has none. Windows: `time` and five nullable columns for each stream, `uuid/min`, `/mean`, `/max`, `/count`, `/stddev`.
   */
  arrowValues(options?: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call(options, (control) => this.#raw.arrowValues(control));
  }

  /** What {@link StreamSet.arrowValues} gives as it arrives: each item an IPC stream of its own, all of one schema. */
  arrowValuesBatches(options?: CallOptions): Flow<Uint8Array<ArrayBuffer>> {
    return this.#flow(options, (control) => this.#raw.arrowValuesBatches(control), (ipc) => [ipc]);
  }

  /** The whole set as one Arrow IPC stream under the names of the streams, windows as `name/mean` and so on. */
  toArrowTable(options: TableOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call(options, async (control) => {
      return this.#raw.toArrowTable(listed(options.agg), await this.#names(options, control), control);
    });
  }

  /** The whole set as typed arrays over one column of times; of several points of a stream at one time the last counts. */
  toColumns(options: TableOptions = {}): Promise<Table> {
    return this.#call(options, async (control) => {
      return this.#raw.toColumns(listed(options.agg), await this.#names(options, control), control);
    });
  }

  /** All rows of {@link StreamSet.records}. */
  async toDict(options: TableOptions = {}): Promise<TableRecord[]> {
    const records: TableRecord[] = [];
    for await (const record of this.records(options)) records.push(record);
    return records;
  }

  /** Rows of numbers under the names of the streams as they arrive; several statistics are `name-mean` and so on. */
  records(options: TableOptions = {}): Flow<TableRecord> {
    let keys: string[] = [];
    return this.#flow(
      options,
      async (control) => {
        const records = await this.#raw.records(listed(options.agg), await this.#names(options, control), control);
        keys = records.keys;
        return records.batches;
      },
      (batch) => recordsOf(batch, keys),
    );
  }

  /** The numbers of each stream without their times. */
  toArray(options: CallOptions & { /** Which statistic of windows. */ agg?: Aggregate } = {}): Promise<Values[]> {
    return this.#call(options, (control) => this.#raw.toArray(options.agg ?? "mean", control));
  }

  /** A series for each stream: its values, or one statistic of its windows, over their times. */
  toSeries(options: SeriesOptions = {}): Promise<Series[]> {
    return this.#call(options, async (control) => {
      return this.#raw.toSeries(options.agg ?? "mean", await this.#names(options, control), control);
    });
  }

  /** The whole set as CSV: `time` and the names, then a row for each time, which is an integer of nanoseconds. */
  async toCsv(options: CsvOptions = {}): Promise<string> {
    const lines: string[] = [];
    for await (const line of this.csvLines(options)) lines.push(line);
    return lines.join("");
  }

  /** The lines of {@link StreamSet.toCsv} as they arrive, each with its end. */
  csvLines(options: CsvOptions = {}): Flow<string> {
    const { agg, delimiter = ",", lineEnd = "\r\n" } = options;
    return this.#flow(
      options,
      async (control) => {
        const names = await this.#names(options, control);
        return this.#raw.csvLines(listed(agg), names, delimiter, lineEnd, control);
      },
      (lines) => lines,
    );
  }

  /** All rows as a table of plain text, to be looked at. */
  toTable(options: TableOptions = {}): Promise<string> {
    return this.#call(options, async (control) => {
      return this.#raw.toTable(listed(options.agg), await this.#names(options, control), control);
    });
  }

  /** What each stream is called, where the caller has a say in it. */
  async #names({ name }: NameOptions, control: raw.Control): Promise<string[] | undefined> {
    return name && (await this.#raw.descriptors(control)).map((descriptor) => name(descriptor));
  }

  #like<D extends Columns>(set: raw.StreamSet): StreamSet<D> {
    return new StreamSet<D>(this.#streams, set, this.#calls);
  }

  #flow<B, T>(
    options: CallOptions | undefined,
    open: (control: raw.Control) => raw.Batches<B> | Promise<raw.Batches<B>>,
    form: (batch: B) => Iterable<T>,
  ): Flow<T> {
    return Flow.of({ options: merged(this.#calls, options), open, form });
  }

  #call<T>(options: CallOptions | undefined, work: (control: raw.Control) => Promise<T>): Promise<T> {
    return call(merged(this.#calls, options), async (control) => work(control));
  }
}

function bound(streams: readonly Stream[], connection: Connection | undefined): raw.StreamSet {
  const list = new (wasm().StreamList)();
  for (const stream of streams) list.push(stream.raw);
  const set = list.set();
  return connection?.parallel === undefined ? set : set.parallel(connection.parallel);
}

function entries<T>(byUuid: ByUuid<T>): Iterable<[string, T]> {
  return byUuid instanceof Map ? (byUuid as ReadonlyMap<string, T>) : Object.entries(byUuid as Record<string, T>);
}

function listed(agg: Aggregate | readonly Aggregate[] = "mean"): Aggregate[] {
  return typeof agg === "string" ? [agg] : [...agg];
}
