import type { Batches } from "./btrdb_web.js";
import type { Columns } from "./columns.js";
import { unlessFailed } from "./instance.js";
import { type Joint, joined, joinedByStream, jointOf } from "./joint.js";
import { Turns } from "./turns.js";

/** How far a worker may be ahead of whoever loops over what it reads, unless they say: in messages, and in bytes. */
const AHEAD = 2;
const AHEAD_BYTES = 2 ** 20;
/** How long batches are kept back for others to be sent along, in milliseconds: half a frame. */
const KEPT_MS = 8;

type Next = IteratorResult<unknown, undefined>;

/** @internal A read in a worker, which goes no further ahead than it may. */
export class Reading {
  readonly #batches: Batches<unknown>;
  readonly #ahead: number;
  readonly #isWhole: boolean;
  readonly #send: (batches: unknown[]) => void;
  /** The bytes of each message that is not used up yet. */
  readonly #sent: number[] = [];
  #pending: Promise<Next> | undefined;
  #isFirst = true;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Reads `batches`, with at most `ahead` bytes sent and not used up, or all of it at once. */
  constructor(batches: Batches<unknown>, isWhole: boolean, ahead = AHEAD_BYTES, send: (batches: unknown[]) => void) {
    this.#batches = batches;
    this.#isWhole = isWhole;
    this.#ahead = ahead;
    this.#send = send;
  }

  /** Reads all there is. */
  async run(): Promise<void> {
    if (this.#isWhole) return this.#all();
    while (!this.#isOver) {
      const bytes = this.#sent.reduce((sum, size) => sum + size, 0);
      if (this.#sent.length >= AHEAD || (bytes > 0 && bytes >= this.#ahead)) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else {
        await this.#step();
      }
    }
  }

  /** One of the messages is used up. */
  taken(): void {
    this.#sent.shift();
    this.#wake?.();
  }

  /** Ends the read. */
  cancel(): void {
    this.#isOver = true;
    this.#batches.cancel();
    this.#wake?.();
  }

  /** Sends all there is as one. */
  async #all(): Promise<void> {
    const others: unknown[] = [];
    let joint: Joint<Columns> | undefined;
    const turns = new Turns();
    for (;;) {
      await turns.take();
      const { value, done } = await this.#next();
      this.#pending = undefined;
      // Nobody waits for what was read.
      if (this.#isOver) return;
      if (done) break;
      if (isJoinable(value)) (joint ??= jointOf(value)).add(value, this.#batches.most);
      else others.push(value);
    }
    if (joint || others.length > 0) this.#send(joint ? [joint.whole()] : whole(others));
  }

  /** Sends what comes together: the first batch alone, since it is waited for. */
  async #step(): Promise<void> {
    const wanted = this.#isFirst ? 0 : this.#ahead / AHEAD;
    const batches: unknown[] = [];
    const begun = performance.now();
    let bytes = 0;
    try {
      for (;;) {
        const next = batches.length > 0 ? await this.#soon(begun + KEPT_MS) : await this.#next();
        if (!next) break;
        this.#pending = undefined;
        this.#isOver ||= next.done === true;
        if (this.#isOver) break;
        batches.push(next.value);
        bytes += size(next.value);
        if (bytes >= wanted || !isJoinable(next.value)) break;
      }
    } finally {
      this.#isFirst = false;
      if (batches.length > 0) {
        this.#sent.push(bytes);
        this.#send(joinedColumns(batches));
      }
    }
  }

  /** The next batch, asked for once. */
  #next(): Promise<Next> {
    this.#pending ??= unlessFailed(this.#batches.next()).then((value): Next => {
      return value === undefined ? { done: true, value } : { done: false, value };
    });
    return this.#pending;
  }

  /** The next batch, if it comes before the time is `until`. */
  async #soon(until: number): Promise<Next | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, Math.max(until - performance.now(), 0), undefined);
    });
    try {
      return await Promise.race([this.#next(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @internal The buffers of the columns in `value`, each once, to be handed over instead of copied. */
export function buffers(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) {
      // A list of texts is one throughout.
      if (typeof part === "string" && Array.isArray(value)) break;
      buffers(part, found);
    }
  }
  return [...found];
}

function size(batch: unknown): number {
  if (Array.isArray(batch)) return batch.reduce((sum: number, text) => sum + String(text).length, 0);
  return buffers(batch).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Whether batches like `batch` become one: columns do. */
function isJoinable(batch: unknown): batch is Columns {
  return "mean" in (batch as object) || "value" in (batch as object);
}

/** Several batches of columns as one; others as they are. */
function joinedColumns(batches: unknown[]): unknown[] {
  const [first] = batches;
  return isJoinable(first) ? [joined(jointOf(first), batches as Columns[])] : batches;
}

/** All batches of a read that are no columns: columns of each stream, texts as one text, and others as they are. */
function whole(batches: unknown[]): unknown[] {
  const [first] = batches as [object];
  if (Array.isArray(first)) return [[batches.flat().join("")]];
  if (!("index" in first)) return batches;
  const mixed = batches as { index: number; columns: Columns }[];
  const streams = 1 + Math.max(...new Set(mixed.map(({ index }) => index)));
  const isRaw = "value" in (mixed[0]?.columns ?? {});
  return joinedByStream(mixed, streams, isRaw).map((columns, index) => ({ index, columns }));
}
