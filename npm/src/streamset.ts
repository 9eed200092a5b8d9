import { bytes, fields, text, texts } from "./arguments.js";
import type * as raw from "./btrdb_web.js";
import { type CallOptions, call, merged, sync } from "./call.js";
import type { Columns, Point, RawColumns, StatColumns } from "./columns.js";
import type { Connection } from "./connection.js";
import { BTRDBTypeError, BTRDBValueError } from "./errors.js";
import { type Filter, choice } from "./filter.js";
import { type Insert, inserted } from "./inserts.js";
import { wasm } from "./instance.js";
import { joinedByStream } from "./joint.js";
import { distinct, namesOf } from "./names.js";
import { columnsOf } from "./points.js";
import { Flow } from "./read.js";
import { recordsOf, rowsOf } from "./rows.js";
import { type Scope, ranged, unranged } from "./scope.js";
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

/** How many calls a set makes at a time. */
const PARALLEL = 4;

/** What can stand between two values: not what ends a line or what is put around text. */
const DELIMITER = /^[^\0\r\n"\x80-\uffff]$/;

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
  readonly #streams: readonly Stream[];
  readonly #scope: Scope;
  readonly #calls: CallOptions;

  /** The set of `streams`, in their order; there must be one. */
  constructor(streams: Iterable<Stream>);
  /** @internal */
  constructor(streams: Iterable<Stream>, scope: Scope, calls: CallOptions);
  constructor(streams: Iterable<Stream>, scope?: Scope, calls?: CallOptions) {
    this.#streams = [...streams];
    if (!this.#streams.every((stream) => stream instanceof Stream)) throw new BTRDBTypeError("a set is of streams alone");
    const connection = this.#streams[0]?.connection;
    this.#calls = calls ?? connection?.calls ?? {};
    this.#scope = scope ?? { parallel: connection?.parallel };
    if (!scope) sync(() => unranged(wasm(), this.#streams.map((stream) => stream.raw), this.#scope, false).free());
  }

  /** @internal The set that `connection` found. */
  static of(streams: Stream[], scope: Scope, { parallel, calls }: Connection): StreamSet {
    return new StreamSet(streams, { ...scope, parallel }, calls);
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
    return this.#like<C>({});
  }

  /** The same set, whose calls follow `options`. */
  with(options: CallOptions): StreamSet<C> {
    const streams = this.#streams.map((stream) => stream.with(options));
    return new StreamSet<C>(streams, this.#scope, merged(this.#calls, options));
  }

  /** The same set, which makes at most `calls` calls at a time, 1 or more; 4 otherwise. Throws {@link BTRDBValueError}. */
  parallel(calls: number): StreamSet<C> {
    if (!(Number.isInteger(calls) && calls > 0)) throw new BTRDBValueError(`${calls} calls at a time: there is at least one`);
    return this.#like<C>({ parallel: calls });
  }

  /**
   * The streams of this set that `filter` leaves, read as it says and otherwise as before. Asks for what is not known of
   * the streams yet, if the filter speaks of it.
   *
   * @throws As {@link InvalidTimeRange} where the start would not be before the end; {@link BTRDBValueError} for a frequency
   * that is no positive number up to 1 GHz, and for a frequency or a schema without a start or an end.
   */
  filter(filter: Filter, options?: CallOptions): Promise<StreamSet<C>> {
    return this.#call(options, async (set, control) => {
      const chosen = await choice(filter, () => set.descriptors(control));
      const filtered = await set.filter(chosen, control);
      const left = filtered.uuids().map((uuid) => this.get(uuid));
      filtered.free();
      const { start, end, samplingFrequency, schema } = chosen;
      const said = Object.entries({ start, end, samplingFrequency, schema }).filter(([, value]) => value !== undefined);
      const scope: Scope = { ...this.#scope, ...Object.fromEntries(said) };
      return new StreamSet<C>(left.filter((stream) => stream !== undefined), scope, this.#calls);
    });
  }

  /**
   * The same set, read as windows of `width` nanoseconds from the start of the range on.
   *
   * @throws As {@link InvalidOperation} where windows were asked for before, {@link InvalidPointWidth} for a width of 0.
   */
  windows(width: bigint | number): StreamSet<StatColumns> {
    return sync(() => this.#windowed({ width: unsigned(width, "width") }));
  }

  /**
   * The same set, read as windows of `2^pointWidth` nanoseconds, 0 to 62, on the grid of the epoch. Of all of time, one that
   * reaches its end is left out unless a filter says that the end is `3n << 60n`: 62 then is one window over everything.
   *
   * @throws As {@link InvalidOperation} where windows were asked for before, {@link InvalidPointWidth} for another width.
   */
  alignedWindows(pointWidth: number): StreamSet<StatColumns> {
    return sync(() => this.#windowed({ pointWidth }));
  }

  /** Whether windows may still be asked for: they were not before. */
  get allowWindow(): boolean {
    return this.#scope.width === undefined && this.#scope.pointWidth === undefined;
  }

  /** The same set, read at `versions` by uuid, or at those that are the newest now. */
  pinVersions(versions?: ByUuid<bigint>, options?: CallOptions): Promise<StreamSet<C>> {
    return this.#call(options, async (set, control) => {
      let pinned: [string, bigint][];
      if (versions) {
        pinned = entries(versions, "versions").map(([uuid, version]) => [text(uuid, "a uuid"), unsigned(version, "a version")]);
      } else {
        const newest = await set.pinVersions(control);
        pinned = await newest.versions(control);
        newest.free();
      }
      const uuids = pinned.map(([uuid]) => uuid);
      const at = BigUint64Array.from(pinned, ([, version]) => version);
      set.withVersions(uuids, at).free();
      return this.#like<C>({ pinned: [uuids, at] });
    });
  }

  /** The versions that are read, by uuid: the pinned ones, or where none are pinned the newest there are now. */
  versions(options?: CallOptions): Promise<Map<string, bigint>> {
    return this.#call(options, async (set, control) => new Map(await set.versions(control)));
  }

  /**
   * All points or windows of each stream, in the order of the streams.
   *
   * @throws As {@link InvalidTimeRange}, {@link StreamNotFoundError}, {@link VersionNotAvailable}, of the stream that failed
   * first; so does all else that reads the set.
   */
  async values(options?: CallOptions): Promise<C[]> {
    return joinedByStream(await this.valuesIter(options).gathered(), this.length, this.allowWindow) as C[];
  }

  /** The points or windows of each stream in batches as they arrive, those of one stream in order, those of several mixed. */
  valuesIter(options?: CallOptions): Flow<StreamBatch<C>> {
    return this.#flow(
      options,
      (set, control) => set.valuesIter(control),
      ({ index, columns }) => [{ stream: this.#streams[index] as Stream, index, columns: columns as C }],
    );
  }

  /**
   * The points or windows of all streams, one row for each time at which any stream has one, ascending. A stream with
   * several points at one time makes several rows. Memory holds one batch of each stream.
   */
  rows(options?: CallOptions): Flow<Row<C>> {
    return this.#flow(options, (set, control) => set.rows(control), (batch) => rowsOf<C>(batch));
  }

  /** How many points all streams together hold in the range, each as {@link Stream.count} counts them. */
  count(options: CallOptions & { /** Whether to count exactly. */ precise?: boolean | undefined } = {}): Promise<bigint> {
    const { precise = false } = options;
    return this.#call(options, (set, control) => set.count(precise, control));
  }

  /** The first point of each stream at or after the start of the range; `undefined` where there is none. */
  earliest(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (set, control) => set.extremes("earliest", control));
  }

  /** The last point of each stream before the end of the range; `undefined` where there is none. */
  latest(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (set, control) => set.extremes("latest", control));
  }

  /** The last point of each stream before now, which must be in the range; `undefined` where there is none. */
  current(options?: CallOptions): Promise<(Point | undefined)[]> {
    return this.#call(options, (set, control) => set.extremes("current", control));
  }

  /**
   * Inserts the points given by uuid. Returns the versions then. Streams for which none are given stay as they are.
   *
   * @throws As {@link BTRDBValueError} for a stream that is not in the set, before anything is inserted; what
   * {@link Stream.insert} throws, and then other streams may have got their points.
   */
  insert(points: ByUuid<PointsInput>, options: InsertOptions = {}): Promise<Map<string, bigint>> {
    const { merge = "never", pointsPerCall } = options;
    return this.#call(options, async (set, control) => {
      const policy = text(merge, "merge");
      const columns = entries(points, "points").map(([uuid, points]): [string, BigInt64Array, Float64Array] => {
        const { time, value } = columnsOf(points);
        return [text(uuid, "a uuid"), time, value];
      });
      if (pointsPerCall === undefined) return new Map(await set.insert(columns, policy, control));
      const inserts = columns.map(([uuid, ...columns]): Insert => [this.#member(uuid), ...columns]);
      return inserted(inserts, this.#scope.parallel ?? PARALLEL, policy, pointsPerCall, control);
    });
  }

  /** {@link StreamSet.insert} of Arrow IPC streams, as {@link Stream.arrowInsert} takes them. */
  arrowInsert(
    tables: ByUuid<Uint8Array>,
    options: CallOptions & { /** What becomes of points at times that have some already. */ merge?: MergePolicy | undefined } = {},
  ): Promise<Map<string, bigint>> {
    const { merge = "never" } = options;
    return this.#call(options, async (set, control) => {
      const ipc = entries(tables, "tables").map(([uuid, ipc]): [string, Uint8Array] => [text(uuid, "a uuid"), bytes(ipc, "ipc")]);
      return new Map(await set.arrowInsert(ipc, text(merge, "merge"), control));
    });
  }

  /**
   * The whole set as one Arrow IPC stream. Points: `time` and a column for each stream, called by its uuid, NaN where it
   * has none. Windows: `time` and five nullable columns for each stream, `uuid/min`, `/mean`, `/max`, `/count`, `/stddev`.
   */
  arrowValues(options?: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.#fetch(options, (set, control) => set.arrowValues(control));
  }

  /** What {@link StreamSet.arrowValues} gives as it arrives: each item an IPC stream of its own, all of one schema. */
  arrowValuesBatches(options?: CallOptions): Flow<Uint8Array<ArrayBuffer>> {
    return this.#flow(options, (set, control) => set.arrowValuesBatches(control), (ipc) => [ipc]);
  }

  /** The whole set as one Arrow IPC stream under the names of the streams, windows as `name/mean` and so on. */
  toArrowTable(options: TableOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#fetch(options, async (set, control) => {
      // A schema has names of its own.
      const names = this.#scope.schema ? this.#names(options, control) : this.#columns(options, control);
      return set.toArrowTable(listed(options.agg), await names, control);
    });
  }

  /** The whole set as typed arrays over one column of times; of several points of a stream at one time the last counts. */
  toColumns(options: TableOptions = {}): Promise<Table> {
    return this.#fetch(options, async (set, control) => {
      return set.toColumns(listed(options.agg), await this.#columns(options, control), control);
    });
  }

  /** All rows of {@link StreamSet.records}. */
  async toDict(options: TableOptions = {}): Promise<TableRecord[]> {
    return this.records(options).gathered();
  }

  /** Rows of numbers under the names of the streams as they arrive; several statistics are `name-mean` and so on. */
  records(options: TableOptions = {}): Flow<TableRecord> {
    let keys: string[] = [];
    return this.#flow(
      options,
      async (set, control) => {
        const records = await set.records(listed(options.agg), await this.#columns(options, control), control);
        keys = records.keys;
        return records.batches;
      },
      (batch) => recordsOf(batch, keys),
    );
  }

  /** The numbers of each stream without their times. */
  toArray(options: CallOptions & { /** Which statistic of windows. */ agg?: Aggregate | undefined } = {}): Promise<Values[]> {
    return this.#fetch(options, (set, control) => set.toArray(text(options.agg ?? "mean", "agg"), control));
  }

  /** A series for each stream: its values, or one statistic of its windows, over their times. */
  toSeries(options: SeriesOptions = {}): Promise<Series[]> {
    return this.#fetch(options, async (set, control) => {
      return set.toSeries(text(options.agg ?? "mean", "agg"), await this.#names(options, control), control);
    });
  }

  /** The whole set as CSV: `time` and the names, then a row for each time, which is an integer of nanoseconds. */
  async toCsv(options: CsvOptions = {}): Promise<string> {
    return (await this.csvLines(options).gathered()).join("");
  }

  /** The lines of {@link StreamSet.toCsv} as they arrive, each with its end. */
  csvLines(options: CsvOptions = {}): Flow<string> {
    const { agg, delimiter = ",", lineEnd = "\r\n" } = options;
    return this.#flow(
      options,
      async (set, control) => {
        if (!DELIMITER.test(text(delimiter, "delimiter"))) {
          throw new BTRDBValueError(`delimiter is one character of ASCII, no quote or line end, not ${JSON.stringify(delimiter)}`);
        }
        const end = text(lineEnd, "lineEnd");
        return set.csvLines(listed(agg), await this.#columns(options, control), delimiter, end, control);
      },
      (lines) => lines,
    );
  }

  /** All rows as a table of plain text, to be looked at. */
  toTable(options: TableOptions = {}): Promise<string> {
    return this.#fetch(options, async (set, control) => {
      return set.toTable(listed(options.agg), await this.#columns(options, control), control);
    });
  }

  /** What each stream is called, where the caller has a say in it. */
  async #names(options: NameOptions, control: raw.Control): Promise<string[] | undefined> {
    return options.name && namesOf(await this.#here(control, (set) => set.descriptors(control)), options);
  }

  /** The same for columns, of which no two may have one name. */
  async #columns(options: NameOptions, control: raw.Control): Promise<string[] | undefined> {
    if (!options.name && this.length < 2) return undefined;
    return distinct(namesOf(await this.#here(control, (set) => set.descriptors(control)), options));
  }

  #member(uuid: string): Stream {
    const stream = this.get(uuid);
    if (stream) return stream;
    throw new BTRDBValueError(`points for stream ${uuid}, which is not in the set`);
  }

  #windowed(windows: { width: bigint } | { pointWidth: number }): StreamSet<StatColumns> {
    const [one] = this.#raw;
    // Nobody has to know all streams to say whether that can be.
    const set = unranged(wasm(), one ? [one] : [], this.#scope);
    try {
      ("width" in windows ? set.windows(windows.width) : set.alignedWindows(windows.pointWidth)).free();
    } finally {
      set.free();
    }
    return this.#like<StatColumns>(windows);
  }

  #like<D extends Columns>(scope: Scope): StreamSet<D> {
    return new StreamSet<D>(this.#streams, { ...this.#scope, ...scope }, this.#calls);
  }

  get #raw(): raw.Stream[] {
    return this.#streams.map((stream) => stream.raw);
  }

  /** Does `work` with the set as the module here makes it. */
  #here<T>(control: raw.Control, work: (set: raw.StreamSet) => T | Promise<T>): Promise<T> {
    return ranged(wasm(), this.#raw, this.#scope, control, work);
  }

  /** As #here, or with that of a worker, where all streams are read by the same one. */
  #there<T>(control: raw.Control, work: (set: raw.StreamSet) => T | Promise<T>): Promise<T> | T {
    const connections = this.#streams.map(({ connection }) => connection);
    const [first] = connections;
    if (!first?.remote || connections.some(({ settings }) => settings !== first.settings)) return this.#here(control, work);
    return work(first.remote.set(first.settings, this.#streams.map(({ uuid }) => uuid), this.#scope));
  }

  #flow<B, T>(
    options: CallOptions | undefined,
    open: (set: raw.StreamSet, control: raw.Control) => raw.Batches<B> | Promise<raw.Batches<B>>,
    form: (batch: B) => Iterable<T>,
  ): Flow<T> {
    return Flow.of({
      options: merged(this.#calls, options),
      open: (control) => this.#there(control, (set) => open(set, control)),
      form,
    });
  }

  #call<T>(
    options: CallOptions | undefined,
    work: (set: raw.StreamSet, control: raw.Control) => Promise<T>,
  ): Promise<T> {
    return call(merged(this.#calls, options), (control) => this.#here(control, (set) => work(set, control)));
  }

  /** As #call, for what is long. */
  #fetch<T>(
    options: CallOptions | undefined,
    work: (set: raw.StreamSet, control: raw.Control) => Promise<T>,
  ): Promise<T> {
    return call(merged(this.#calls, options), async (control) => this.#there(control, (set) => work(set, control)));
  }
}

function entries<T>(byUuid: ByUuid<T>, name: string): [string, T][] {
  return byUuid instanceof Map ? [...byUuid] : Object.entries(fields(byUuid as Record<string, T>, name));
}

function listed(agg: Aggregate | readonly Aggregate[] = "mean"): string[] {
  return texts(agg, "agg");
}
