/// <reference lib="esnext.disposable" preserve="true" />

import type { Batches, Control } from "./btrdb_web.js";
import { Bound, type CallOptions } from "./call.js";
import { Cancelled, revived } from "./errors.js";
import { unlessFailed } from "./instance.js";
import type { Joint } from "./joint.js";
import { Turns } from "./turns.js";

/** How a call of many answers is made and shown. */
interface Source<B, T> {
  options: CallOptions;
  open: (control: Control) => Batches<B> | Promise<Batches<B>>;
  form: (batch: B) => Iterable<T>;
  /** Whether it has no end, so that a deadline holds for each call it makes and not for the whole. */
  isEndless?: boolean;
}

/** A loop over things. */
interface Pulling<T> extends AsyncIterableIterator<T, undefined, undefined> {
  /** How many rows they have at most, as {@link Batches.most}. */
  readonly most: number | undefined;
  /** Whether it was left before its end. */
  readonly isLeft: boolean;
}

/** What is to end with a loop that nobody refers to any longer. */
const abandoned = new FinalizationRegistry<Bound>((bound) => bound.stop());

/** Things that arrive bit by bit. Nothing is asked for before the first is waited for. */
class Pull<B, T> implements Pulling<T> {
  readonly #source: Source<B, T>;
  readonly #isWhole: boolean;
  readonly #onEnd: () => void;
  #bound: Bound | undefined;
  #batches: Batches<B> | undefined;
  #batch: Iterator<T> | undefined;
  readonly #turns = new Turns();
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #isLeft = false;

  constructor(source: Source<B, T>, isWhole: boolean, onEnd: () => void) {
    this.#source = source;
    this.#isWhole = isWhole;
    this.#onEnd = onEnd;
  }

  get most(): number | undefined {
    return this.#batches?.most;
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const next = this.#last.then(() => this.#step());
    this.#last = next.catch(() => undefined);
    return next;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#isLeft ||= !this.#isOver;
    this.#isOver = true;
    this.#bound?.stop();
    this.#onEnd();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the request. */
  cancel(): void {
    this.#batches?.cancel();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (this.#isOver) return { done: true, value: undefined };
      if (this.#bound?.failure) this.#fail(this.#bound.failure);
      const item = this.#batch?.next();
      if (item && !item.done) return { done: false, value: item.value };
      this.#batch = await this.#pulled();
    }
  }

  /** The things of the next batch; `undefined` once there are none left, and it is over. */
  async #pulled(): Promise<Iterator<T> | undefined> {
    try {
      this.#batches ??= await this.#opened();
      await this.#turns.take();
      const batch = this.#isOver ? undefined : await unlessFailed(this.#batches.next());
      if (batch !== undefined) return this.#source.form(batch)[Symbol.iterator]();
    } catch (failure) {
      // Who ended the loop meanwhile asks for no reasons.
      if (!this.#isOver) this.#fail(this.#bound?.failure ?? revived(failure));
    }
    if (!this.#isOver && this.#bound?.failure) this.#fail(this.#bound.failure);
    this.#end();
    return undefined;
  }

  async #opened(): Promise<Batches<B>> {
    const { options, open, isEndless } = this.#source;
    const bound = (this.#bound = new Bound(options));
    // Clock and signal hold the bound, and would hold a loop that nobody goes on with.
    const loop = new WeakRef(this);
    bound.onStop = () => loop.deref()?.cancel();
    abandoned.register(this, bound);
    const opening = open(this.#isWhole ? { ...bound.control, whole: true } : bound.control);
    if (!isEndless) bound.start();
    const batches = await unlessFailed(opening);
    if (this.#isOver || bound.failure) batches.cancel();
    return batches;
  }

  #fail(failure: unknown): never {
    this.#end();
    throw failure;
  }

  #end(): void {
    this.#isOver = true;
    this.#bound?.end();
    this.#onEnd();
  }
}

/**
 * Things that arrive bit by bit: `for await` over them, or take a {@link Flow.readable | ReadableStream}.
 *
 * Nothing is asked for before the first is waited for, and no more than is waited for. Leaving the loop early, by
 * `break`, `return` or an error, ends the call, as do an aborted signal and a passed deadline. Every loop asks anew.
 */
export class Flow<T> implements AsyncIterable<T, undefined, undefined> {
  readonly #pull: (isWhole: boolean, onEnd: () => void) => Pulling<T>;
  readonly #open = new Set<Pulling<T>>();

  private constructor(pull: (isWhole: boolean, onEnd: () => void) => Pulling<T>) {
    this.#pull = pull;
  }

  /** @internal What `source` brings. */
  static of<B, T>(source: Source<B, T>): Flow<T> {
    return new Flow((isWhole, onEnd) => new Pull(source, isWhole, onEnd));
  }

  /** The things, one by one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined, undefined> {
    return this.#begin(false);
  }

  /** @internal All of them. */
  async gathered(): Promise<T[]> {
    const all: T[] = [];
    await this.gather((thing) => all.push(thing));
    return all;
  }

  /**
   * @internal Hands all of them to `take` as they come, and how many rows they have at most, if that is known. A worker puts
   * them together where it reads. Rejects where it is disposed of before: a part is not to pass for all.
   */
  async gather(take: (thing: T, most?: number) => void): Promise<void> {
    const pull = this.#begin(true);
    for await (const thing of pull) take(thing, pull.most);
    if (pull.isLeft) throw new Cancelled("the read was disposed of");
  }

  /** The things as a stream, which asks for them as they are taken out. */
  readable(): ReadableStream<T> {
    const pull = this[Symbol.asyncIterator]();
    return new ReadableStream<T>(
      {
        async pull(controller) {
          const { done, value } = await pull.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await pull.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends every loop that is under way, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((pull) => pull.return?.()));
  }

  #begin(isWhole: boolean): Pulling<T> {
    const pull: Pulling<T> = this.#pull(isWhole, () => this.#open.delete(pull));
    this.#open.add(pull);
    return pull;
  }
}

/**
 * A read: `await` it for all of it at once, or `for await` over the batches as they arrive. Nothing is asked for before
 * that. Leaving the loop early ends the call.
 */
export class Read<T> implements AsyncIterable<T, undefined, undefined>, PromiseLike<T> {
  readonly #flow: Flow<T>;
  readonly #join: () => Joint<T>;
  #all: Promise<T> | undefined;

  private constructor(flow: Flow<T>, join: () => Joint<T>) {
    this.#flow = flow;
    this.#join = join;
  }

  /** @internal What `flow` brings, which `join` makes one of. */
  static of<T>(flow: Flow<T>, join: () => Joint<T>): Read<T> {
    return new Read(flow, join);
  }

  /** The batches as they arrive; there is at least one as a rule, if an empty one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined, undefined> {
    return this.#flow[Symbol.asyncIterator]();
  }

  /** All of it at once. `await`ing the read itself does the same, once however often. */
  async collect(): Promise<T> {
    const joint = this.#join();
    await this.#flow.gather((batch, most) => joint.add(batch, most));
    return joint.whole();
  }

  /** Makes it a promise of all of it. */
  then<R1 = T, R2 = never>(
    onFulfilled?: ((all: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#all ??= this.collect();
    return this.#all.then(onFulfilled, onRejected);
  }

  /** The batches as a stream, which asks for them as they are taken out. */
  readable(): ReadableStream<T> {
    return this.#flow.readable();
  }

  /** Ends every loop that is under way, for `await using`; what waits for all of it rejects with {@link Cancelled}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flow[Symbol.asyncDispose]();
  }
}
