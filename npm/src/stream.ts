import { type AnnotationValue, decoded, encoded } from "./annotations.js";
import { bytes, optionalBytes, optionalFields, optionalText, text } from "./arguments.js";
import type * as raw from "./btrdb_web.js";
import { type CallOptions, type ReadOptions, call, merged } from "./call.js";
import type { ArrowData, Changes, Descriptor, RawColumns, RawPoint, StatColumns, TailEvent } from "./columns.js";
import { Connection } from "./connection.js";
import { type Joint, joinedPoints, joinedWindows } from "./joint.js";
import { Made } from "./made.js";
import { columnsOf } from "./points.js";
import { Flow, Read } from "./read.js";
import type {
  ArrowValuesOptions,
  CountOptions,
  InsertOptions,
  MergePolicy,
  NearestOptions,
  PointsInput,
  StreamHandle,
  TailOptions,
  Update,
} from "./stream-options.js";
import { type TimeInput, nanoseconds, optionalNanoseconds, unsigned } from "./time.js";
import type { TransportOptions } from "./transport.js";

/** The end of all time, which aligned windows may reach and other reads may not. */
const END_OF_TIME = 3n << 60n;

type Range = [start: bigint | undefined, end: bigint | undefined];

/**
 * A stream of a connection: one series of points, named by a uuid.
 *
 * Ranges of time are half-open; a start or an end that is left out is that of all time, which goes from -2^60 to 3 * 2^60
 * nanoseconds since 1970, or 1933 to 2079. What is read is of the newest version unless `version` says otherwise, and tells
 * which that was.
 *
 * Whatever a call can reject with besides what it says itself: {@link Unavailable}, {@link BadResponse},
 * {@link Unauthenticated} and {@link PermissionDenied}, and what {@link CallOptions} speak of.
 */
export class Stream {
  readonly #uuid: string;
  readonly #connection: Connection;
  readonly #made: Made<raw.Stream>;

  private constructor(uuid: string, connection: Connection, made: Made<raw.Stream>) {
    this.#uuid = uuid;
    this.#connection = connection;
    this.#made = made;
  }

  /** @internal What `connection` made. */
  static of(made: raw.Stream, connection: Connection): Stream {
    const { uuid } = made;
    return new Stream(uuid, connection, new Made(() => connection.raw.streamFromUuid(uuid), made));
  }

  /** The stream that `handle` stands for, as {@link Connection.fromHandle}. Asks nothing. */
  static fromHandle(handle: StreamHandle, options?: TransportOptions): Stream {
    return Connection.fromHandle(handle.connection, options).streamFromUuid(handle.uuid);
  }

  /** The stream as plain data, for {@link Stream.fromHandle} in a worker. It holds the API key. */
  get handle(): StreamHandle {
    return { uuid: this.uuid, connection: this.#connection.handle };
  }

  /** The stream's name for ever. */
  get uuid(): string {
    return this.#uuid;
  }

  /** The connection that it is read over. */
  get connection(): Connection {
    return this.#connection;
  }

  /** The same stream, whose calls follow `options`. */
  with(options: CallOptions): Stream {
    return new Stream(this.#uuid, this.#connection.following(options), this.#made);
  }

  /**
   * Lets go of what the module holds for the stream, and of what it remembers of it. That happens by itself some time after
   * nothing refers to the stream any longer. It can still be used, and is then made anew.
   */
  close(): void {
    this.#made.leave();
  }

  /** {@link Stream.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Collection, tags and annotations, asked for once and then at hand. Throws {@link StreamNotFoundError}. */
  descriptor(options?: CallOptions): Promise<Descriptor> {
    return this.#call(options, (stream, control) => stream.descriptor(false, control));
  }

  /** Collection, tags and annotations as they are now. Throws {@link StreamNotFoundError}. */
  refreshMetadata(options?: CallOptions): Promise<Descriptor> {
    return this.#call(options, (stream, control) => stream.descriptor(true, control));
  }

  /** The tag `name`: what the stream is called within its collection; empty where it has none. Asked for once. */
  async name(options?: CallOptions): Promise<string> {
    return (await this.tags(options))["name"] ?? "";
  }

  /** The tag `unit`: what its values are measured in; empty where it has none. Asked for once. */
  async unit(options?: CallOptions): Promise<string> {
    return (await this.tags(options))["unit"] ?? "";
  }

  /** The path it is filed under. Asked for once. */
  async collection(options?: CallOptions): Promise<string> {
    return (await this.descriptor(options)).collection;
  }

  /** `name`, `unit` and the other tags that BTrDB knows. Asked for once. */
  async tags(options?: CallOptions): Promise<Record<string, string>> {
    return (await this.descriptor(options)).tags;
  }

  /**
   * Its annotations as the values that they stand for, integers beyond 2^53 as the number next to them;
   * {@link Stream.descriptor} has them as stored. Asked for once.
   */
  async annotations(options?: CallOptions): Promise<Record<string, AnnotationValue>> {
    return decoded((await this.descriptor(options)).annotations);
  }

  /** Whether the server knows the stream; `false` also for one that was obliterated. */
  exists(options?: CallOptions): Promise<boolean> {
    return this.#call(options, (stream, control) => stream.exists(control));
  }

  /** The newest version of the stream's points. Asked for every time. Throws {@link StreamNotFoundError}. */
  version(options?: CallOptions): Promise<bigint> {
    return this.#call(options, (stream, control) => stream.version(control));
  }

  /**
   * The points with `start <= time < end`, ascending; those of one time in the order in which they were inserted.
   *
   * @throws As {@link InvalidTimeRange} where `start` is not before `end`, or a time is out of bounds,
   * {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  values(start?: TimeInput, end?: TimeInput, options?: ReadOptions): Read<RawColumns> {
    return this.#read(options, joinedPoints, (stream, version, control) => {
      return stream.values(...range(start, end), version, control);
    });
  }

  /**
   * Windows of `width` nanoseconds, side by side from `start`. What is left over at the end is not reported; a window of
   * count 0 is a gap, and servers may leave such windows out.
   *
   * @throws As {@link InvalidPointWidth} for a width of 0, {@link BTRDBValueError} for one that is no whole number,
   * {@link InvalidTimeRange}, {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  windows(
    start: TimeInput | undefined,
    end: TimeInput | undefined,
    width: bigint | number,
    options?: ReadOptions,
  ): Read<StatColumns> {
    return this.#read(options, joinedWindows, (stream, version, control) => {
      return stream.windows(...range(start, end), unsigned(width, "width"), version, control);
    });
  }

  /**
   * Windows of `2^pointWidth` nanoseconds, 0 to 62, that start at multiples of that; 62 is one window over all of time. The
   * low bits of both ends are cleared, so the first window may start before `start`; windows without points are left out.
   *
   * @throws As {@link InvalidPointWidth} for a width that is no whole number from 0 to 63, {@link InvalidTimeRange},
   * {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  alignedWindows(
    start: TimeInput | undefined,
    end: TimeInput | undefined = END_OF_TIME,
    pointWidth: number,
    options?: ReadOptions,
  ): Read<StatColumns> {
    return this.#read(options, joinedWindows, (stream, version, control) => {
      return stream.alignedWindows(...range(start, end), pointWidth, version, control);
    });
  }

  /**
   * How many points there are: exactly with `precise`, otherwise exactly but for the points within a small part of the
   * range's width from either end, as the official Python client counts.
   *
   * @throws As {@link InvalidTimeRange}, {@link InvalidPointWidth}, {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  count(start?: TimeInput, end?: TimeInput, options: CountOptions = {}): Promise<bigint> {
    const { precise = false, pointWidth } = options;
    return this.#call(options, (stream, control) => {
      return stream.count(...range(start, end), at(options), precise, pointWidth, control);
    });
  }

  /**
   * The first point; `undefined` for a stream without points.
   *
   * @throws As {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  earliest(options?: ReadOptions): Promise<RawPoint | undefined> {
    return this.#call(options, (stream, control) => stream.extreme("earliest", at(options), control));
  }

  /**
   * The last point; `undefined` for a stream without points.
   *
   * @throws As {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  latest(options?: ReadOptions): Promise<RawPoint | undefined> {
    return this.#call(options, (stream, control) => stream.extreme("latest", at(options), control));
  }

  /**
   * The last point before now; `undefined` where there is none. Streams can hold points of the future.
   *
   * @throws As {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  current(options?: ReadOptions): Promise<RawPoint | undefined> {
    return this.#call(options, (stream, control) => stream.extreme("current", at(options), control));
  }

  /**
   * The first point at `time` or after it, or with `backward` the last before it; `undefined` where there is none.
   *
   * @throws As {@link InvalidTimeRange} for a time out of bounds, {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  nearest(time: TimeInput, options: NearestOptions = {}): Promise<RawPoint | undefined> {
    const { backward = false } = options;
    return this.#call(options, (stream, control) => {
      return stream.nearest(nanoseconds(time, "time"), backward, at(options), control);
    });
  }

  /**
   * Where the versions after `from`, up to and with `to` (0 being the newest), differ from `from`: ranges whose ends are
   * multiples of `2^resolution` nanoseconds, 0 to 63. They cover every change, and may cover more.
   *
   * @throws As {@link InvalidPointWidth} for another resolution, {@link StreamNotFoundError}, {@link VersionNotAvailable}.
   */
  changes(from: bigint, to: bigint, resolution: number, options?: CallOptions): Promise<Changes> {
    return this.#call(options, (stream, control) => {
      return stream.changes(unsigned(from, "from"), unsigned(to, "to"), resolution, control);
    });
  }

  /**
   * Inserts points, which need not be in order. Returns the version then, or 0 for no points, which asks nothing.
   *
   * @throws As {@link BadValue} for a value that is not finite, {@link InvalidTimeRange} for a time out of bounds,
   * {@link StreamNotFoundError}. What earlier calls inserted stays: {@link BTrDBError.writtenSoFar} says how much.
   */
  insert(points: PointsInput, options: InsertOptions = {}): Promise<bigint> {
    const { merge = "never", pointsPerCall } = options;
    return this.#call(options, async (stream, control) => {
      const { time, value } = columnsOf(points);
      return stream.insert(time, value, text(merge, "merge"), pointsPerCall, control);
    });
  }

  /**
   * Removes the points with `start <= time < end`; older versions keep them. Returns the new version.
   *
   * @throws As {@link InvalidTimeRange}, {@link StreamNotFoundError}.
   */
  delete(start: TimeInput, end: TimeInput, options?: CallOptions): Promise<bigint> {
    return this.#call(options, (stream, control) => {
      return stream.delete(nanoseconds(start, "start"), nanoseconds(end, "end"), control);
    });
  }

  /** Commits what the server may still hold back. Returns the version then. Throws {@link StreamNotFoundError}. */
  flush(options?: CallOptions): Promise<bigint> {
    return this.#call(options, (stream, control) => stream.flush(control));
  }

  /**
   * Removes the stream, its points and all that is known of it, for good. Its uuid cannot be used again.
   *
   * @throws As {@link StreamNotFoundError}.
   */
  obliterate(options?: CallOptions): Promise<void> {
    return this.#call(options, (stream, control) => stream.obliterate(control));
  }

  /**
   * Changes collection, tags and annotations. Returns the property version then.
   *
   * @throws As {@link BTRDBServerError} with number 423 where someone else changed them meanwhile: refresh and decide anew;
   * {@link BTRDBValueError} where nothing is to change.
   */
  update(update: Update, options?: CallOptions): Promise<number> {
    const { collection, tags, annotations, replace = false, expectedVersion } = update;
    const expected = expectedVersion === undefined ? undefined : unsigned(expectedVersion, "expectedVersion");
    return this.#call(options, (stream, control) => {
      const [path, named] = [optionalText(collection, "collection"), optionalFields(tags, "tags")];
      return stream.update(path, named, encoded(annotations), replace, expected, control);
    });
  }

  /**
   * {@link Stream.values} as an Arrow IPC stream.
   *
   * @throws As {@link Unimplemented} where the server has no Arrow, and whatever {@link Stream.values} throws.
   */
  arrowValues(start?: TimeInput, end?: TimeInput, options: ArrowValuesOptions = {}): Promise<ArrowData> {
    return this.#fetch(options, (stream, control) => {
      return stream.arrowValues(...range(start, end), at(options), optionalBytes(options.schema, "schema"), control);
    });
  }

  /**
   * {@link Stream.windows} as an Arrow IPC stream.
   *
   * @throws As {@link Unimplemented} where the server has no Arrow, and whatever {@link Stream.windows} throws.
   */
  arrowWindows(
    start: TimeInput | undefined,
    end: TimeInput | undefined,
    width: bigint | number,
    options?: ReadOptions,
  ): Promise<ArrowData> {
    return this.#fetch(options, (stream, control) => {
      return stream.arrowWindows(...range(start, end), unsigned(width, "width"), at(options), control);
    });
  }

  /**
   * {@link Stream.alignedWindows} as an Arrow IPC stream.
   *
   * @throws As {@link Unimplemented} where the server has no Arrow, and whatever {@link Stream.alignedWindows} throws.
   */
  arrowAlignedWindows(
    start: TimeInput | undefined,
    end: TimeInput | undefined = END_OF_TIME,
    pointWidth: number,
    options?: ReadOptions,
  ): Promise<ArrowData> {
    return this.#fetch(options, (stream, control) => {
      return stream.arrowAlignedWindows(...range(start, end), pointWidth, at(options), control);
    });
  }

  /**
   * Inserts the rows of an Arrow IPC stream: a column of times, timestamps of any unit or int64 of nanoseconds, and one of
   * numbers, whatever they are called. Returns the version then.
   *
   * @throws As {@link BTRDBTypeError} for columns of other types, {@link BTRDBValueError} for what is no such stream,
   * {@link BadValue} for nulls; nothing is inserted then.
   */
  arrowInsert(
    ipc: Uint8Array,
    options: CallOptions & {
      /** What becomes of points at times that have some already; `never` merged unless given. */
      merge?: MergePolicy | undefined;
    } = {},
  ): Promise<bigint> {
    const { merge = "never" } = options;
    return this.#call(options, (stream, control) => {
      return stream.arrowInsert(bytes(ipc, "ipc"), text(merge, "merge"), control);
    });
  }

  /**
   * The changes of the stream from now on, or from a version on: each told by the ranges that changed, and then by all
   * points that they hold now. A slow reader misses no change but sees several at once. It ends only with an error, an
   * aborted signal, or the loop being left; a deadline holds for each call it makes.
   */
  tail(options: TailOptions = {}): Flow<TailEvent> {
    return Flow.of({
      options: merged(this.#connection.calls, options),
      isEndless: true,
      open: (control) => {
        const { intervalMs, since, start, resolution } = options;
        const known = since === undefined ? undefined : unsigned(since, "since");
        return this.#made.now.tail(intervalMs, known, optionalNanoseconds(start, "start"), resolution, control);
      },
      form: (event: TailEvent) => [event],
    });
  }

  /** @internal What the module knows the stream as. */
  get raw(): raw.Stream {
    return this.#made.now;
  }

  /** What reads the stream: the module here, or a worker's. */
  #reader(): raw.Stream {
    const { remote, settings } = this.#connection;
    return remote ? remote.stream(settings, this.#uuid) : this.#made.now;
  }

  #read<C>(
    options: ReadOptions | undefined,
    join: () => Joint<C>,
    open: (stream: raw.Stream, version: bigint, control: raw.Control) => raw.Batches<C>,
  ): Read<C> {
    const flow = Flow.of({
      options: merged(this.#connection.calls, options),
      open: (control) => open(this.#reader(), at(options), control),
      form: (batch: C) => [batch],
    });
    return Read.of(flow, join);
  }

  #call<T>(
    options: CallOptions | undefined,
    work: (stream: raw.Stream, control: raw.Control) => Promise<T>,
  ): Promise<T> {
    return call(merged(this.#connection.calls, options), (control) => this.#made.during((made) => work(made, control)));
  }

  /** As #call, for what is long. */
  #fetch<T>(
    options: CallOptions | undefined,
    work: (stream: raw.Stream, control: raw.Control) => Promise<T>,
  ): Promise<T> {
    if (!this.#connection.remote) return this.#call(options, work);
    return call(merged(this.#connection.calls, options), async (control) => work(this.#reader(), control));
  }
}

function range(start: TimeInput | undefined, end: TimeInput | undefined): Range {
  return [optionalNanoseconds(start, "start"), optionalNanoseconds(end, "end")];
}

/** The version to read, 0 being the newest. */
function at(options: ReadOptions | undefined): bigint {
  return unsigned(options?.version ?? 0n, "version");
}
