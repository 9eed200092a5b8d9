import type { Again, Control } from "./btrdb_web.js";
import { Cancelled, DeadlineExceeded, revived } from "./errors.js";
import { unlessFailed } from "./instance.js";
import { timer } from "./timer.js";

/** How a failed call is made again. */
export interface RetryOptions {
  /** How many times a call is made in all; 5 unless given. */
  retries?: number | undefined;
  /** How long to wait before the second time, in milliseconds; 3,000 unless given. Shortened at random by up to half. */
  delayMs?: number | undefined;
  /** What each further wait is multiplied by; 4 unless given. */
  backoff?: number | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call when aborted: it rejects with {@link Cancelled}, whose `cause` is the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long the call may take in all, in milliseconds: then it rejects with {@link DeadlineExceeded}. For ever unless given. */
  timeoutMs?: number | undefined;
  /** Whether and how a call that failed for a passing reason is made again. Not unless given. */
  retry?: RetryOptions | undefined;
  /**
   * Whether and how a read of points or windows that breaks goes on where it broke, at the same version, so that no point
   * is missing and none comes twice; `true` for 8 times without any progress, the first after 500 ms, then twice as long
   * each time. What is gathered into one Arrow IPC stream for a single stream is read anew instead. Other calls follow
   * `retry` alone.
   */
  resume?: boolean | RetryOptions | undefined;
  /**
   * For how long nothing may come of an answer that is waited for, in milliseconds: then the call fails as
   * {@link Unavailable}, or goes on as `resume` and `retry` say. It tells a line that is gone, after sleep or in another
   * network, from a slow one, if no answer is that slow. For ever unless given.
   */
  stallMs?: number | undefined;
}

/** What every read takes. */
export interface ReadOptions extends CallOptions {
  /** The version to read; the newest unless given. */
  version?: bigint | undefined;
}

/** How much later than the module's own deadline, whose errors say more, ours is. */
const GRACE_MS = 5;

/** @internal `options`, and of `defaults` what they leave open. */
export function merged(defaults: CallOptions, options: CallOptions = {}): CallOptions {
  const { signal = defaults.signal, timeoutMs = defaults.timeoutMs, retry = defaults.retry } = options;
  const { resume = defaults.resume, stallMs = defaults.stallMs } = options;
  return { signal, timeoutMs, retry, resume, stallMs };
}

const RETRY = { retries: 5, delayMs: 3000, backoff: 4 };
const RESUME = { retries: 8, delayMs: 500, backoff: 2 };

/** @internal One call, or several that share a signal and a deadline. */
export class Bound {
  readonly control: Control;
  /** Why the call was ended from here, once it was. */
  failure: Error | undefined;
  /** Does what else there is to do when the call is ended from here. */
  onStop: (() => void) | undefined;
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Throws where the signal is aborted already. */
  constructor({ signal, timeoutMs, retry, resume, stallMs }: CallOptions) {
    if (signal?.aborted) throw new Cancelled(undefined, { cause: signal.reason });
    this.control = {
      signal: this.#controller.signal,
      timeoutMs: limit(timeoutMs),
      stallMs: limit(stallMs),
      retry: retry && again(retry, RETRY),
      resume: resume ? again(resume === true ? {} : resume, RESUME) : undefined,
    };
    this.#signal = signal;
    signal?.addEventListener("abort", this.#aborted);
  }

  /** Starts the clock. */
  start(): void {
    const { timeoutMs } = this.control;
    if (timeoutMs === undefined) return;
    const late = () => this.stop(new DeadlineExceeded(`not done within ${timeoutMs} ms`, { retryable: true }));
    this.#timer = timer(late, timeoutMs + GRACE_MS);
  }

  /** Ends the call because of `failure`, or because nobody wants it any longer. */
  stop(failure?: Error): void {
    this.failure ??= failure;
    this.#controller.abort();
    this.onStop?.();
    this.end();
  }

  /** Lets go of clock and signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#aborted);
  }

  readonly #aborted = () => this.stop(new Cancelled(undefined, { cause: this.#signal?.reason as unknown }));
}

function again({ retries, delayMs, backoff }: RetryOptions, unless: Again): Again {
  return { retries: retries ?? unless.retries, delayMs: delayMs ?? unless.delayMs, backoff: backoff ?? unless.backoff };
}

function limit(millis: number | undefined): number | undefined {
  return millis === Infinity ? undefined : millis;
}

/** @internal Makes a call, whose failures become errors. */
export async function call<T>(options: CallOptions, work: (control: Control) => Promise<T>): Promise<T> {
  const bound = new Bound(options);
  // Not all that is waited for heeds the signal.
  const stopped = new Promise<never>((_, reject) => (bound.onStop = () => reject(bound.failure)));
  try {
    const working = work(bound.control);
    bound.start();
    return await Promise.race([unlessFailed(working), stopped]);
  } catch (failure) {
    throw bound.failure ?? revived(failure);
  } finally {
    bound.end();
  }
}

/** @internal Does what asks nothing, whose failures become errors. */
export function sync<T>(work: () => T): T {
  try {
    return work();
  } catch (failure) {
    throw revived(failure);
  }
}
