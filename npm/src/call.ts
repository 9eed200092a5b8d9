import type { Control } from "./btrdb_web.js";
import { Cancelled, DeadlineExceeded, revived } from "./errors.js";

/** How a failed call is made again. */
export interface RetryOptions {
  /** How many times a call is made in all; 5 unless given. */
  retries?: number;
  /** How long to wait before the second time, in milliseconds; 3,000 unless given. Shortened at random by up to half. */
  delayMs?: number;
  /** What each further wait is multiplied by; 4 unless given. */
  backoff?: number;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call when aborted: it rejects with {@link Cancelled}, whose `cause` is the signal's reason. */
  signal?: AbortSignal;
  /** How long the call may take in all, in milliseconds: then it rejects with {@link DeadlineExceeded}. For ever unless given. */
  timeoutMs?: number;
  /** Whether and how a call that failed for a passing reason is made again. Not unless given. */
  retry?: RetryOptions;
}

/** What every read takes. */
export interface ReadOptions extends CallOptions {
  /** The version to read; the newest unless given. */
  version?: bigint;
}

/** The longest that a timer of JavaScript can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** How much later than the module's own deadline, whose errors say more, ours is. */
const GRACE_MS = 5;

/** @internal `options`, and of `defaults` what they leave open. */
export function merged(defaults: CallOptions, options: CallOptions = {}): CallOptions {
  const { signal = defaults.signal, timeoutMs = defaults.timeoutMs, retry = defaults.retry } = options;
  return { signal, timeoutMs, retry };
}

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
  constructor({ signal, timeoutMs, retry }: CallOptions) {
    if (signal?.aborted) throw new Cancelled(undefined, { cause: signal.reason });
    const retries = retry && { retries: 5, ...retry };
    this.control = { signal: this.#controller.signal, timeoutMs: timeoutMs === Infinity ? undefined : timeoutMs, ...retries };
    this.#signal = signal;
    signal?.addEventListener("abort", this.#aborted);
  }

  /** Starts the clock. */
  start(): void {
    const { timeoutMs } = this.control;
    if (timeoutMs === undefined || !(timeoutMs <= LONGEST_TIMER - GRACE_MS)) return;
    const late = () => this.stop(new DeadlineExceeded(`not done within ${timeoutMs} ms`, { retryable: true }));
    this.#timer = setTimeout(late, timeoutMs + GRACE_MS);
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

/** @internal Makes a call, whose failures become errors. */
export async function call<T>(options: CallOptions, work: (control: Control) => Promise<T>): Promise<T> {
  const bound = new Bound(options);
  try {
    const working = work(bound.control);
    bound.start();
    return await working;
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
