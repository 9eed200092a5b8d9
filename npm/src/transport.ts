import { isCrowded, turn } from "./limit.js";
import { remember } from "./thrown.js";
import { timer } from "./timer.js";

/** An API key, or what gives one: asked before the first request, and again when the server refuses what it gave. */
export type ApiKey = string | (() => string | Promise<string>);

/** A request that is about to be made. */
export interface OutgoingCall {
  /** The call of the BTrDB service, such as `AlignedWindows`. */
  readonly call: string;
  /** Where it goes. */
  readonly url: string;
  /** Its headers but for the API key. What is added goes along; a server elsewhere has to allow it. */
  readonly headers: Headers;
  /** How many bytes are sent. */
  readonly bytesUp: number;
}

/** What became of a request. */
export interface CallReport {
  /** The status of HTTP; `undefined` where nothing answered. */
  readonly httpStatus: number | undefined;
  /** The status of gRPC, 0 being success; `undefined` where none came, as when the call was left before its end. */
  readonly grpcStatus: number | undefined;
  /** How many bytes of the answer were read. */
  readonly bytesDown: number;
  /** How long it took until the answer began, in milliseconds; `undefined` where nothing answered. */
  readonly headersMs: number | undefined;
  /** How long it took in all, in milliseconds, with the pauses of whoever reads. */
  readonly totalMs: number;
}

/** Called with what became of a request. */
export type Done = (report: CallReport) => void;

/**
 * Sees each request before it is made, and may add headers. What it returns is called once all is over. A call that is
 * made again is several requests. What it throws ends the call, and is the `cause` of the error.
 */
export type Intercept = (call: OutgoingCall) => Done | undefined | Promise<Done | undefined>;

/** How requests are made. */
export interface TransportOptions {
  /**
   * Sent with every call, where the server asks for one. What a function gives is sent and nothing else: no handle and no
   * {@link OutgoingCall} has it. When the server refuses it, the function is asked once more, by one call for all, and the
   * call is made again.
   */
  apiKey?: ApiKey | undefined;
  /** Makes requests instead of the global `fetch`. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Sees each request and what becomes of it. */
  intercept?: Intercept | undefined;
}

type Chunk = ReadableStreamReadResult<Uint8Array>;

/** @internal What the module wants sent. */
export interface Init extends RequestInit {
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  signal: AbortSignal;
  stallMs?: number;
}

/** @internal What the module needs of an answer. */
export interface Answer {
  status: number;
  headers: Headers;
  body: { getReader(): { read(): Promise<Chunk> } } | null;
}

/** @internal What the module makes requests by. It aborts the signal of each once nothing more is needed of it. */
export interface Ask {
  (url: string, init: Init): Promise<Answer>;
  isCrowded(url: string): boolean;
}

/** @internal Makes requests as `options` say. */
export function transport({ apiKey, fetch: custom, intercept }: TransportOptions): Ask {
  const keys = typeof apiKey === "function" ? new Keys(apiKey) : undefined;
  const ask = async (url: string, init: Init): Promise<Answer> => {
    const { headers, body, signal, stallMs } = init;
    const call = url.slice(url.lastIndexOf("/") + 1);
    const sent = () => (custom ? answered(custom, url, init) : globalThis.fetch(url, init));
    await turn(url, call, signal);
    // What a caller's function gives is watched, since the module would trip over what it does not expect.
    if (!keys && !intercept && !custom && stallMs === undefined) return sent();
    const watch = new Watch(stallMs);
    try {
      if (intercept) {
        const secret = headers.get("authorization");
        headers.delete("authorization");
        const done = await intercepted(intercept, { call, url, headers, bytesUp: body.byteLength });
        if (secret !== null) headers.set("authorization", secret);
        // Later, since the module aborts the signal in its midst.
        const report = () => queueMicrotask(() => done?.(watch.report()));
        if (signal.aborted) report();
        else signal.addEventListener("abort", report, { once: true });
      }
      if (keys) {
        const key = keys.newest();
        headers.set("authorization", `Bearer ${await key}`);
        const answer = await watch.answer(sent());
        if (!(await watch.isRefused())) return answer;
        headers.set("authorization", `Bearer ${await keys.after(key)}`);
      }
      return await watch.answer(sent());
    } catch (failure) {
      if (failure instanceof Unsent) return failure.answer();
      throw failure;
    }
  };
  return Object.assign(ask, { isCrowded });
}

async function answered(custom: NonNullable<TransportOptions["fetch"]>, url: string, init: Init): Promise<Response> {
  const answer: Partial<Response> | undefined = await custom(url, init);
  if (typeof answer?.headers?.get === "function") return answer as Response;
  throw new Unsent(FAILED_PRECONDITION, "fetch gave no Response");
}

async function intercepted(intercept: Intercept, call: OutgoingCall): Promise<Done | undefined> {
  try {
    return await intercept(call);
  } catch (why) {
    throw new Unsent(FAILED_PRECONDITION, `intercept failed: ${String(why)}`, why);
  }
}

// Of the statuses of gRPC, those that are not made again.
const [INVALID_ARGUMENT, FAILED_PRECONDITION, UNAUTHENTICATED] = [3, 9, 16];

/** That a request cannot be made. To the module it is what a server says, or it would be the network's fault. */
class Unsent extends Error {
  readonly #status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.#status = status;
  }

  answer(): Answer {
    const headers = { "grpc-status": String(this.#status), "grpc-message": encodeURIComponent(this.message) };
    return new Response(null, { headers: { ...headers, "grpc-status-details-bin": remember(this.cause) } });
  }
}

/** The keys that a function gives, which is asked by one call for all. */
class Keys {
  readonly #ask: () => string | Promise<string>;
  #newest: Promise<string> | undefined;

  constructor(ask: () => string | Promise<string>) {
    this.#ask = ask;
  }

  newest(): Promise<string> {
    return (this.#newest ??= this.#asked());
  }

  /** The newest but `refused`. */
  after(refused: Promise<string>): Promise<string> {
    if (this.#newest === refused) this.#newest = undefined;
    return this.newest();
  }

  async #asked(): Promise<string> {
    try {
      const key = await this.#ask();
      if (/^[ -~]*$/.test(key)) return key;
      throw new Unsent(INVALID_ARGUMENT, "an API key consists of visible ASCII characters");
    } catch (why) {
      this.#newest = undefined;
      throw why instanceof Unsent ? why : new Unsent(UNAUTHENTICATED, `no API key was given: ${String(why)}`);
    }
  }
}

/** What comes of a request. */
class Watch {
  readonly #stallMs: number | undefined;
  readonly #begun = performance.now();
  #headersMs: number | undefined;
  #bytes = 0;
  #status: number | undefined;
  #trailers = new Trailers();
  #read: (() => Promise<Chunk>) | undefined;
  #early: Promise<Chunk>[] = [];

  constructor(stallMs: number | undefined) {
    this.#stallMs = stallMs;
  }

  /** What `asked` gives, watched as it is read. */
  async answer(asked: Promise<Response>): Promise<Answer> {
    const { status, headers, body } = await this.#inTime(asked);
    this.#headersMs = performance.now() - this.#begun;
    this.#status = status;
    this.#trailers = new Trailers(headers.get("grpc-status"));
    this.#early = [];
    const reader = body?.getReader();
    if (!reader) return { status, headers, body: null };
    const read = async () => {
      const chunk = await this.#inTime(reader.read());
      this.#bytes += chunk.value?.length ?? 0;
      this.#trailers.see(chunk.value);
      return chunk;
    };
    this.#read = read;
    return { status, headers, body: { getReader: () => ({ read: () => this.#early.shift() ?? read() }) } };
  }

  /** Whether the answer is that the key will not do. Then there is nothing before its status. */
  async isRefused(): Promise<boolean> {
    while (this.#read && this.#status === 200 && this.#trailers.isUnclear) {
      const chunk = this.#read();
      this.#early.push(chunk);
      // Whoever reads it hears of its failure.
      if ((await chunk.catch(() => undefined))?.done ?? true) break;
    }
    return this.#status === 401 || this.#trailers.status === 16;
  }

  report(): CallReport {
    return {
      httpStatus: this.#status,
      grpcStatus: this.#trailers.status,
      bytesDown: this.#bytes,
      headersMs: this.#headersMs,
      totalMs: performance.now() - this.#begun,
    };
  }

  /** What `coming` gives, unless that takes too long. Whoever hears of that leaves the request. */
  async #inTime<T>(coming: Promise<T>): Promise<T> {
    const limit = this.#stallMs;
    if (limit === undefined) return coming;
    let clock: ReturnType<typeof timer>;
    const late = new Promise<never>((_, fail) => {
      clock = timer(() => fail(`nothing came for ${limit} ms`), limit);
    });
    return Promise.race([coming, late]).finally(() => clearTimeout(clock));
  }
}

/** Finds the status at the end of an answer, whose frames are a byte of flags, four of length, and so many bytes. */
class Trailers {
  status: number | undefined;
  #hasMessage = false;
  #head: number[] = [];
  #left = 0;
  #text: string | undefined;

  constructor(status: string | null = null) {
    if (status !== null) this.status = Number(status);
  }

  /** Whether neither a message nor a status has come. */
  get isUnclear(): boolean {
    return this.status === undefined && !this.#hasMessage;
  }

  see(chunk: Uint8Array = new Uint8Array()): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        this.#head.push(chunk[at++] as number);
        if (this.#head.length < 5) continue;
        const [flags = 0, ...length] = this.#head;
        this.#head = [];
        this.#left = length.reduce((all, byte) => all * 256 + byte, 0);
        // A compressed one stays unread.
        this.#text = flags === 128 ? "" : undefined;
        this.#hasMessage ||= flags !== 128;
      } else {
        const part = chunk.subarray(at, at + this.#left);
        at += part.length;
        this.#left -= part.length;
        if (this.#text === undefined) continue;
        this.#text += new TextDecoder().decode(part);
        const status = /^grpc-status:\s*(\d+)\s*$/im.exec(this.#text)?.[1];
        if (this.#left === 0 && status !== undefined) this.status = Number(status);
      }
    }
  }
}
