/// <reference lib="esnext.disposable" preserve="true" />

import { type AnnotationValue, encoded } from "./annotations.js";
import { optionalFields, text, texts } from "./arguments.js";
import type * as raw from "./btrdb_web.js";
import { type CallOptions, call, merged, sync } from "./call.js";
import type { Info } from "./columns.js";
import { BadResponse, InvalidOperation } from "./errors.js";
import { Made } from "./made.js";
import type { Remote } from "./remote.js";
import { type Settings, unasked } from "./settings.js";
import { Stream } from "./stream.js";
import { StreamSet } from "./streamset.js";
import { unsigned } from "./time.js";
import { type TransportOptions, transport } from "./transport.js";

/** A connection as plain data: post it to a worker and make it a connection again by {@link Connection.fromHandle}. */
export interface ConnectionHandle {
  /** Where the server is. */
  endpoint: string;
  /** The API key, if there is one that is no function. Who gets the handle gets it. */
  apiKey?: string | undefined;
  /** What the server is told of who asks. */
  clientName?: string | undefined;
  /** Whether compressed answers are asked for. */
  gzip?: boolean | undefined;
  /** Whether columns travel as Arrow. */
  arrow?: boolean | undefined;
  /** How many calls a set of streams makes at a time. */
  parallel?: number | undefined;
  /** How many bytes a worker may be ahead. */
  bufferBytes?: number | undefined;
  /** What holds for every call. */
  calls?: Omit<CallOptions, "signal"> | undefined;
}

/** What streams to find. All that is said must hold. */
export interface LookupOptions extends CallOptions {
  /** Whether the collection is only the beginning of one. */
  prefix?: boolean | undefined;
  /** Tags with the values they must have, or `null` where any will do. */
  tags?: Readonly<Record<string, string | null>> | undefined;
  /** Annotations as stored, with the values they must have, or `null` where any will do. */
  annotations?: Readonly<Record<string, string | null>> | undefined;
}

/** How streams are named and read. */
export interface StreamsOptions extends CallOptions {
  /** The versions to read them at, one for each; 0 is the newest. */
  versions?: readonly bigint[] | undefined;
  /** Whether the collection of a path is only the beginning of one. */
  prefix?: boolean | undefined;
}

/** How many streams have which tags and annotations. */
export interface MetadataUsage {
  /** By tag. Servers list every tag that there can be, and may not count them. */
  tags: Record<string, number>;
  /** By annotation key. */
  annotations: Record<string, number>;
}

/** A connection to a BTrDB service. {@link connect} makes one. */
export class Connection {
  readonly #settings: Settings;
  readonly #calls: CallOptions;
  readonly #made: Made<raw.Connection>;
  readonly #remote: Remote | undefined;
  #isClosed = false;

  private constructor(settings: Settings, calls: CallOptions, made: Made<raw.Connection>, remote?: Remote) {
    this.#settings = settings;
    this.#calls = calls;
    this.#made = made;
    this.#remote = remote;
    remote?.hold(this);
  }

  /** @internal What `made` asked the server as `settings` say. What is long is done by `remote`, if there is one. */
  static of(made: raw.Connection, settings: Settings, calls: CallOptions, remote?: Remote): Connection {
    return new Connection(settings, calls, new Made(() => unasked(settings), made), remote);
  }

  /**
   * The connection that `handle` stands for, whose requests are made as `options` say. Asks nothing, so nothing is known
   * of whether the server answers.
   *
   * @throws As {@link NotInitialized} before `init`, {@link ConnectionError} where the endpoint makes no sense.
   */
  static fromHandle(handle: ConnectionHandle, options: TransportOptions = {}): Connection {
    const { calls = {}, ...given } = handle;
    const { apiKey = handle.apiKey } = options;
    const settings = { ...given, apiKey: typeof apiKey === "function" ? undefined : apiKey, ask: transport(options) };
    const made = new Made(() => unasked(settings), sync(() => unasked(settings)));
    return new Connection(settings, calls, made);
  }

  /**
   * The connection as plain data, for {@link Connection.fromHandle} in a worker. It holds the API key, unless a function
   * gives that, but no functions: pass them to `fromHandle`.
   */
  get handle(): ConnectionHandle {
    const { signal: _, ...calls } = this.#calls;
    const { ask: __, ...settings } = this.#settings;
    return { ...settings, calls };
  }

  /** The same connection, whose calls, and those of all streams got from it, follow `options`. */
  with(options: CallOptions): Connection {
    this.#open();
    return this.following(options);
  }

  /** @internal As {@link Connection.with}, for streams: they can still be used when it is closed, and then so is this one. */
  following(options: CallOptions): Connection {
    const same = new Connection(this.#settings, merged(this.#calls, options), this.#made, this.#remote);
    if (this.#isClosed) same.close();
    return same;
  }

  /** What the server says of itself. */
  info(options?: CallOptions): Promise<Info> {
    return this.#call(options, (connection, control) => connection.info(control));
  }

  /**
   * Makes a stream of `uuid`, which no stream may ever have had before: `crypto.randomUUID()`.
   *
   * @throws As {@link StreamExists} where the uuid is taken, {@link RecycledUUID} where it was, {@link AmbiguousStream} where
   * another stream of the collection has the same tags; {@link InvalidCollection}, {@link InvalidTagKey},
   * {@link InvalidTagValue}.
   */
  create(
    uuid: string,
    collection: string,
    tags?: Readonly<Record<string, string>>,
    annotations?: Readonly<Record<string, AnnotationValue>>,
    options?: CallOptions,
  ): Promise<Stream> {
    return this.#call(options, async (connection, control) => {
      const [id, path] = [text(uuid, "uuid"), text(collection, "collection")];
      const created = connection.create(id, path, optionalFields(tags, "tags"), encoded(annotations), control);
      return Stream.of(await created, this);
    });
  }

  /** The stream of `uuid`, whether it exists or not: asks nothing. */
  streamFromUuid(uuid: string): Stream {
    return Stream.of(sync(() => this.#open().now.streamFromUuid(text(uuid, "uuid"))), this);
  }

  /**
   * The streams that `identifiers` name, in their order: uuids, taken as they are, or the collection and, after the last
   * slash, the name, such as `sunshine/PMU1/L1MAG`, which must name exactly one stream.
   *
   * @throws As {@link StreamNotFoundError} for a path that names no stream or several; {@link BTRDBValueError} for what is
   * neither, for none at all, and for as many versions as there are not identifiers.
   */
  streams(identifiers: string | Iterable<string>, options: StreamsOptions = {}): Promise<StreamSet> {
    const { versions = [], prefix = false } = options;
    return this.#call(options, async (connection, control) => {
      const names = texts(identifiers, "an identifier");
      const at = BigUint64Array.from(versions, (version) => unsigned(version, "a version"));
      const set = await connection.streams(names, at, prefix, control);
      const streams = set.streams().map((stream) => Stream.of(stream, this));
      set.free();
      return StreamSet.of(streams, at.length > 0 ? { pinned: [streams.map(({ uuid }) => uuid), at] } : {}, this);
    });
  }

  /** The streams of `collection`, with all that is known of them. */
  streamsInCollection(collection: string, options: LookupOptions = {}): Promise<Stream[]> {
    const { prefix = false, tags, annotations } = options;
    return this.#call(options, async (connection, control) => {
      const [path, open] = [text(collection, "collection"), optionalFields(annotations, "annotations")];
      const found = connection.streamsInCollection(path, prefix, optionalFields(tags, "tags"), open, control);
      return (await found).map((stream) => Stream.of(stream, this));
    });
  }

  /** The collections that begin with `prefix` and hold a stream. */
  listCollections(prefix = "", options?: CallOptions): Promise<string[]> {
    return this.#call(options, (connection, control) => connection.listCollections(text(prefix, "prefix"), control));
  }

  /** The names of the streams whose collection begins with `prefix`, each once. Needs a server with SQL. */
  listUniqueNames(prefix = "", options?: CallOptions): Promise<string[]> {
    return this.#call(options, (connection, control) => connection.listUniqueNames(text(prefix, "prefix"), control));
  }

  /** The units of the streams whose collection begins with `prefix`, each once. Needs a server with SQL. */
  listUniqueUnits(prefix = "", options?: CallOptions): Promise<string[]> {
    return this.#call(options, (connection, control) => connection.listUniqueUnits(text(prefix, "prefix"), control));
  }

  /** The annotation keys of the streams whose collection begins with `prefix`, each once. Needs a server with SQL. */
  listUniqueAnnotations(prefix = "", options?: CallOptions): Promise<string[]> {
    return this.#call(options, (connection, control) => connection.listUniqueAnnotations(text(prefix, "prefix"), control));
  }

  /** How many of the streams whose collection begins with `prefix` have which tags and annotations. */
  collectionMetadata(prefix = "", options?: CallOptions): Promise<MetadataUsage> {
    return this.#call(options, (connection, control) => connection.collectionMetadata(text(prefix, "prefix"), control));
  }

  /**
   * The rows that `statement` selects from the one table there is, `streams`, with the columns `uuid`, `collection`,
   * `name`, `unit`, `ingress`, `property_version` and `annotations`. `parameters` stand for `$1`, `$2` and so on.
   *
   * @throws As {@link BadSQLValue} for what is no such statement, {@link Unimplemented} where the server has no SQL.
   */
  query<Row extends object = Record<string, unknown>>(
    statement: string,
    parameters: readonly unknown[] = [],
    options?: CallOptions,
  ): Promise<Row[]> {
    return this.#call(options, async (connection, control) => {
      const rows = await connection.query(text(statement, "statement"), parameters.map(String), control);
      return rows.map((row) => {
        try {
          return JSON.parse(row) as Row;
        } catch (cause) {
          throw new BadResponse(`SQLQuery: a row that is no JSON object: ${String(cause)}`, { call: "SQLQuery" });
        }
      });
    });
  }

  /**
   * Lets go of the connection, and of its worker once no other connection has one. What is under way goes on. Streams that
   * came from it can still be used.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#made.leave();
    this.#remote?.leave(this);
  }

  /** {@link Connection.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal What holds for every call. */
  get calls(): CallOptions {
    return this.#calls;
  }

  /** @internal How many calls a set makes at a time. */
  get parallel(): number | undefined {
    return this.#settings.parallel;
  }

  /** @internal What the module knows the connection as, whether it is closed or not. */
  get raw(): raw.Connection {
    return this.#made.now;
  }

  /** @internal What reads for the connection, where that is not done here. */
  get remote(): Remote | undefined {
    return this.#remote;
  }

  /** @internal How the server is talked to; the same object for all that {@link Connection.with} gives. */
  get settings(): Settings {
    return this.#settings;
  }

  #open(): Made<raw.Connection> {
    if (!this.#isClosed) return this.#made;
    throw new InvalidOperation("the connection is closed");
  }

  #call<T>(
    options: CallOptions | undefined,
    work: (connection: raw.Connection, control: raw.Control) => Promise<T>,
  ): Promise<T> {
    return call(merged(this.#calls, options), async (control) => {
      return this.#open().during((connection) => work(connection, control));
    });
  }
}
