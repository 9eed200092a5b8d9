import { type StatusDetail, statusDetails } from "./status-details.js";
import { recall } from "./thrown.js";

// One module, since an error is made anew by its class: whoever imports one of them needs all.

/** What is known of a failure besides its message, as plain data without `bigint`: fit for JSON and for `postMessage`. */
export interface ErrorDetails {
  /** A stable string, such as `STREAM_NOT_FOUND`. */
  code: string;
  /** What went wrong. */
  message: string;
  /** Whether the very same call may succeed a little later. */
  retryable: boolean;
  /** The number of the BTrDB error, 401 to 502, where the server gave one. */
  btrdbCode?: number;
  /** The gRPC status code, 1 to 16, where the call itself failed. */
  grpcCode?: number;
  /** What else the server said, as it sent it: a `google.rpc.Status` in base64. */
  statusDetails?: string;
  /** The uuid of the stream that the call was about. */
  stream?: string;
  /** The call of the BTrDB service that failed, such as `AlignedWindows`. */
  call?: string;
  /** {@link ReadSoFar}, with the time as text. */
  readSoFar?: {
    /** How many points or windows. */
    rows: number;
    /** The time of the last of them. */
    lastTime?: string;
    /** How many bytes of messages brought them. */
    bytes: number;
  };
  /** {@link WrittenSoFar}, with the version as text. */
  writtenSoFar?: {
    /** How many points. */
    points: number;
    /** The version after them. */
    version: string;
  };
}

/** {@link ErrorDetails} with the name of the class, as JSON has them. */
export interface ErrorJson extends ErrorDetails {
  /** The name of the class. */
  name: string;
}

/** What a read delivered before it failed. */
export interface ReadSoFar {
  /** How many points or windows. */
  rows: number;
  /** The time of the last of them; `undefined` where there was none. */
  lastTime: bigint | undefined;
  /** How many bytes the messages took that brought them, once decompressed. */
  bytes: number;
}

/** What the server acknowledged of an insert of several calls before one of them failed. */
export interface WrittenSoFar {
  /** How many points, counted from the first one given. */
  points: number;
  /** The version after them; 0 where there was none. */
  version: bigint;
}

/** What else an error is made of. */
export interface ErrorInit extends Partial<Omit<ErrorDetails, "code" | "message">> {
  /** What it was caused by, if it was caused by anything. */
  cause?: unknown;
}

/**
 * What every call rejects with, and any failure that has no class of its own. Decide by `instanceof` or by
 * {@link BTrDBError.code | code}; `instanceof` also counts wider classes.
 *
 * `JSON.stringify` and `structuredClone` keep all of it, but not the class: {@link BTrDBError.from} makes it anew.
 */
export class BTrDBError extends Error {
  /** The {@link BTrDBError.code | code} of errors of this class. */
  static readonly code: string = "OTHER";
  readonly #details: Omit<ErrorDetails, "code" | "message">;

  /** An error with `message`. */
  constructor(message?: string, init: ErrorInit = {}) {
    const { cause, ...details } = init;
    super(message);
    this.#details = { ...details, retryable: details.retryable ?? false };
    // A structured clone keeps of an error its message and its cause alone.
    this.#set("cause", cause === undefined ? this.#plain() : cause);
  }

  /** A stable string, such as `STREAM_NOT_FOUND`: what a program decides by. */
  get code(): string {
    return (this.constructor as typeof BTrDBError).code;
  }

  /** The number of the BTrDB error, 401 to 502, where the server gave one. */
  get btrdbCode(): number | undefined {
    return this.#details.btrdbCode;
  }

  /** The gRPC status code, 1 to 16, where the call itself failed. */
  get grpcCode(): number | undefined {
    return this.#details.grpcCode;
  }

  /**
   * What else the server said in `grpc-status-details-bin`, message by message. BTrDB itself says nothing there; what stands
   * before it may.
   */
  get details(): StatusDetail[] {
    return statusDetails(this.#details.statusDetails ?? "");
  }

  /** The uuid of the stream that the call was about. */
  get stream(): string | undefined {
    return this.#details.stream;
  }

  /** The call of the BTrDB service that failed, such as `AlignedWindows`. */
  get call(): string | undefined {
    return this.#details.call;
  }

  /** Whether the very same call may succeed a little later. */
  get retryable(): boolean {
    return this.#details.retryable;
  }

  /** What a read delivered before it failed. */
  get readSoFar(): ReadSoFar | undefined {
    const { readSoFar } = this.#details;
    if (!readSoFar) return undefined;
    const { lastTime } = readSoFar;
    return { ...readSoFar, lastTime: lastTime === undefined ? undefined : BigInt(lastTime) };
  }

  /** What the server acknowledged of an insert of several calls before one of them failed. */
  get writtenSoFar(): WrittenSoFar | undefined {
    const { writtenSoFar } = this.#details;
    return writtenSoFar && { points: writtenSoFar.points, version: BigInt(writtenSoFar.version) };
  }

  /** What `JSON.stringify` writes. */
  toJSON(): ErrorJson {
    return { name: this.name, ...this.#plain() };
  }

  /** The error that `value` was: a structured clone of it, what its JSON reads as, or itself. */
  static from(value: unknown): BTrDBError {
    if (value instanceof BTrDBError) return value;
    const { message, cause } = (value ?? {}) as { message?: unknown; cause?: unknown };
    const details = isDetails(value) ? value : isDetails(cause) ? cause : undefined;
    if (details) {
      const { code, message: text, ...rest } = details;
      return new (CLASSES.get(code) ?? BTrDBError)(text, rest);
    }
    // The cause of what was aborted is whatever it was aborted with.
    if (message === Cancelled.MESSAGE) return new Cancelled(message, { cause });
    return new BTrDBError(typeof message === "string" ? message : String(value), { cause: value });
  }

  #plain(): ErrorDetails {
    return { code: this.code, message: this.message, ...this.#details };
  }

  #set(key: "cause", value: unknown): void {
    Object.defineProperty(this, key, { value, configurable: true, writable: true });
  }
}

/** No endpoint is known, or one makes no sense. */
export class ConnectionError extends BTrDBError {
  static override readonly code: string = "CONNECTION";
}

/** The stream is unknown or obliterated (404). */
export class StreamNotFoundError extends BTrDBError {
  static override readonly code: string = "STREAM_NOT_FOUND";
}

/** The file of profiles cannot be read. */
export class CredentialsFileNotFound extends BTrDBError {
  static override readonly code: string = "CREDENTIALS_FILE_NOT_FOUND";
}

/** There is no such profile. */
export class ProfileNotFound extends BTrDBError {
  static override readonly code: string = "PROFILE_NOT_FOUND";
}

/** The server failed in a way of its own. */
export class BTRDBServerError extends BTrDBError {
  static override readonly code: string = "SERVER";
}

/** An argument is of a type that cannot be used. */
export class BTRDBTypeError extends BTrDBError {
  static override readonly code: string = "INVALID_TYPE";
}

/** What was asked for does not fit what was done before. */
export class InvalidOperation extends BTrDBError {
  static override readonly code: string = "INVALID_OPERATION";
}

/** A stream of this uuid exists already (417). */
export class StreamExists extends InvalidOperation {
  static override readonly code: string = "STREAM_EXISTS";
}

/** Another stream has this collection and these tags (418). */
export class AmbiguousStream extends InvalidOperation {
  static override readonly code: string = "AMBIGUOUS_STREAM";
}

/** The key does not allow this (437). */
export class PermissionDenied extends InvalidOperation {
  static override readonly code: string = "PERMISSION_DENIED";
}

/** An argument makes no sense, found before or after asking the server. */
export class BTRDBValueError extends BTrDBError {
  static override readonly code: string = "INVALID_VALUE";
}

/** A collection's name is malformed (407). */
export class InvalidCollection extends BTRDBValueError {
  static override readonly code: string = "INVALID_COLLECTION";
}

/** A tag or annotation key is malformed or not allowed (408). */
export class InvalidTagKey extends BTRDBValueError {
  static override readonly code: string = "INVALID_TAG_KEY";
}

/** A tag or annotation value is malformed (409). */
export class InvalidTagValue extends BTRDBValueError {
  static override readonly code: string = "INVALID_TAG_VALUE";
}

/** A time is out of bounds, or a start is not before its end (413). */
export class InvalidTimeRange extends BTRDBValueError {
  static override readonly code: string = "INVALID_TIME_RANGE";
}

/** A point width, window width or depth is out of bounds (415). */
export class InvalidPointWidth extends BTRDBValueError {
  static override readonly code: string = "INVALID_POINT_WIDTH";
}

/** A value to be inserted is not finite (425). */
export class BadValue extends BTRDBValueError {
  static override readonly code: string = "BAD_VALUE";
}

/** The uuid belonged to a stream that was obliterated (429). */
export class RecycledUUID extends BTRDBValueError {
  static override readonly code: string = "RECYCLED_UUID";
}

/** The SQL or its parameters are not accepted (441). */
export class BadSQLValue extends BTRDBValueError {
  static override readonly code: string = "BAD_SQL_VALUE";
}

/** The version was pruned, or never was (450). */
export class VersionNotAvailable extends BTRDBValueError {
  static override readonly code: string = "VERSION_NOT_AVAILABLE";
}

/** No such point: nothing lies in the direction searched (401). */
export class NoSuchPoint extends BTRDBValueError {
  static override readonly code: string = "NO_SUCH_POINT";
}

/** The API key is missing or wrong. */
export class Unauthenticated extends BTrDBError {
  static override readonly code: string = "UNAUTHENTICATED";
}

/** The call was aborted by its signal; `cause` is the signal's reason. */
export class Cancelled extends BTrDBError {
  static override readonly code: string = "CANCELLED";
  /** @internal What tells a structured clone of this error, whose cause is the caller's. */
  static readonly MESSAGE = "the call was aborted";

  /** An error with `message`. */
  constructor(message: string = Cancelled.MESSAGE, init: ErrorInit = {}) {
    super(message, init);
  }
}

/** The call took longer than it may. */
export class DeadlineExceeded extends BTrDBError {
  static override readonly code: string = "DEADLINE_EXCEEDED";
}

/** The server cannot be reached; a browser does not say whether by network, by name or by CORS. */
export class Unavailable extends BTrDBError {
  static override readonly code: string = "UNAVAILABLE";
}

/** The server does not know the call. */
export class Unimplemented extends BTrDBError {
  static override readonly code: string = "UNIMPLEMENTED";
}

/** What came back is not what BTrDB answers: not gRPC, cut short, or of the wrong form. */
export class BadResponse extends BTrDBError {
  static override readonly code: string = "BAD_RESPONSE";
}

/** The WebAssembly module is not loaded yet: wait for `init()`, or for the first `connect`. */
export class NotInitialized extends BTrDBError {
  static override readonly code: string = "NOT_INITIALIZED";
}

/** The WebAssembly module failed in its midst, by a fault of its own or for want of memory. Later calls get a new instance. */
export class ModuleFailed extends BTrDBError {
  static override readonly code: string = "MODULE_FAILED";
}

const NAMED = {
  BTrDBError,
  ConnectionError,
  StreamNotFoundError,
  CredentialsFileNotFound,
  ProfileNotFound,
  BTRDBServerError,
  BTRDBTypeError,
  InvalidOperation,
  StreamExists,
  AmbiguousStream,
  PermissionDenied,
  BTRDBValueError,
  InvalidCollection,
  InvalidTagKey,
  InvalidTagValue,
  InvalidTimeRange,
  InvalidPointWidth,
  BadValue,
  RecycledUUID,
  BadSQLValue,
  VersionNotAvailable,
  NoSuchPoint,
  Unauthenticated,
  Cancelled,
  DeadlineExceeded,
  Unavailable,
  Unimplemented,
  BadResponse,
  NotInitialized,
  ModuleFailed,
};

/** The classes by their codes. */
const CLASSES = new Map<string, new (message?: string, init?: ErrorInit) => BTrDBError>();
for (const [name, type] of Object.entries(NAMED)) {
  // A name of their own, since tools that make code smaller rename classes.
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
  CLASSES.set(type.code, type);
}

function isDetails(value: unknown): value is ErrorDetails {
  if (typeof value !== "object" || value === null || value instanceof Error) return false;
  const { code, message } = value as Partial<ErrorDetails>;
  return typeof code === "string" && CLASSES.has(code) && typeof message === "string";
}

/** @internal What is thrown for `failure`, which the module threw. */
export function revived(failure: unknown): unknown {
  if (!isDetails(failure)) return failure;
  const thrown = recall(failure.statusDetails);
  if (!thrown) return BTrDBError.from(failure);
  const { code, message, statusDetails: _, grpcCode: __, ...rest } = failure;
  return new (CLASSES.get(code) ?? BTrDBError)(message, { ...rest, ...thrown });
}
