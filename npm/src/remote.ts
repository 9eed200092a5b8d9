import type { Batches, Control, Stream, StreamSet } from "./btrdb_web.js";
import { ModuleFailed } from "./errors.js";
import type { FromWorker, Task } from "./messages.js";
import type { Port } from "./port.js";
import type { Scope } from "./scope.js";
import type { PlainSettings, Settings } from "./settings.js";

/** A task that is under way. It does not refer to the batches it has, or nobody could tell that they were abandoned. */
interface Doing {
  /** Says what it came to, once. */
  settle: { resolve: (value: unknown) => void; reject: (failure: unknown) => void } | undefined;
  /** Batches that nobody took yet. */
  messages: unknown[][];
  isOver: boolean;
  failure?: unknown;
  wake?: () => void;
}

/** @internal A worker, as a module that is called as the one here is. */
export class Remote {
  readonly #open: () => Promise<Port>;
  readonly #isOurs: boolean;
  readonly #tasks = new Map<number, Doing>();
  readonly #abandoned: FinalizationRegistry<() => void>;
  #port: Promise<Port> | undefined;
  #holders = 0;
  #last = 0;

  /** A worker that `open` starts when it is needed, and that is ended when nobody needs it if it `isOurs`. */
  constructor(open: () => Promise<Port>, isOurs: boolean) {
    this.#open = open;
    this.#isOurs = isOurs;
    this.#abandoned = new FinalizationRegistry((end) => end());
  }

  /** Waits until it answers. */
  async ready(): Promise<void> {
    await this.#opened();
  }

  /** Keeps the worker until `holder` leaves it, or nobody refers to `holder` any longer. */
  hold(holder: object): void {
    this.#holders += 1;
    this.#abandoned.register(holder, () => this.#left(), holder);
  }

  /** Ends the worker, once it has nothing to do, unless somebody else holds it. It starts anew for whoever calls later. */
  leave(holder: object): void {
    this.#abandoned.unregister(holder);
    this.#left();
  }

  /** The stream of `uuid`, which the worker reads. */
  stream(settings: Settings, uuid: string): Stream {
    return this.#proxy({ settings: plain(settings), uuids: [uuid] }) as Stream;
  }

  /** The set of the streams of `uuids`, which the worker reads. */
  set(settings: Settings, uuids: string[], scope: Scope): StreamSet {
    return this.#proxy({ settings: plain(settings), uuids, scope }) as StreamSet;
  }

  /** What makes a task of each call of a method, whose last argument is how the call is made. */
  #proxy(of: Omit<Task, "method" | "given">): unknown {
    const methods: ProxyHandler<object> = {
      get: (_, method) => (...given: unknown[]) => {
        const control = given.pop() as Control;
        return this.#run({ ...of, method: String(method), given }, control);
      },
    };
    return new Proxy({}, methods);
  }

  async #run(task: Task, { signal, ...control }: Control): Promise<unknown> {
    const port = await this.#opened();
    // Whoever aborted knows why.
    if (signal?.aborted) throw undefined;
    const id = (this.#last += 1);
    const outcome = new Promise((resolve, reject) => {
      this.#tasks.set(id, { settle: { resolve, reject }, messages: [], isOver: false });
    });
    signal?.addEventListener("abort", this.#stopper(port, id), { once: true });
    port.keep(true);
    port.post({ kind: "task", id, task, control });
    return outcome;
  }

  /** What ends a task early. */
  #stopper(port: Port, id: number): () => void {
    return () => {
      const doing = this.#tasks.get(id);
      if (!doing) return;
      port.post({ kind: "cancel", id });
      doing.messages = [];
      this.#over(id, doing, undefined);
    };
  }

  #heard(port: Port, message: FromWorker): void {
    if (message.kind === "started") return;
    const { id } = message;
    const doing = this.#tasks.get(id);
    if (!doing) return;
    if (message.kind === "batches") {
      doing.messages.push(message.batches);
      doing.wake?.();
    } else if (message.kind === "failed") {
      this.#over(id, doing, message.failure);
    } else if (message.kind === "end" || !message.isRead) {
      doing.settle?.resolve(message.kind === "done" ? message.value : undefined);
      this.#over(id, doing, undefined);
    } else {
      const stop = this.#stopper(port, id);
      const batches = new RemoteBatches(doing, () => port.post({ kind: "taken", id }), stop);
      this.#abandoned.register(batches, stop);
      // Some have more to tell than their batches.
      doing.settle?.resolve(message.value === undefined ? batches : { ...(message.value as object), batches });
      doing.settle = undefined;
    }
  }

  #over(id: number, doing: Doing, failure: unknown): void {
    doing.settle?.reject(failure);
    doing.settle = undefined;
    doing.isOver = true;
    doing.failure = failure;
    doing.wake?.();
    this.#tasks.delete(id);
    this.#rest();
  }

  #opened(): Promise<Port> {
    if (this.#port) return this.#port;
    const opening = this.#open();
    this.#port = opening;
    const forget = () => {
      if (this.#port === opening) this.#port = undefined;
    };
    opening.then((port) => {
      const lost = (why: string) => {
        if (this.#port !== opening) return;
        forget();
        if (this.#isOurs) port.end();
        const failure = new ModuleFailed(`the worker failed: ${why}`);
        for (const [id, doing] of this.#tasks) this.#over(id, doing, failure);
      };
      port.listen((message) => this.#heard(port, message), lost);
    }, forget);
    return opening;
  }

  /** Ends the worker if there is nothing to do, for anybody. */
  #rest(): void {
    const rest = (port: Port) => {
      if (this.#tasks.size > 0) return;
      port.keep(false);
      if (this.#holders > 0 || !this.#isOurs) return;
      this.#port = undefined;
      port.end();
    };
    this.#port?.then(rest, () => undefined);
  }

  #left(): void {
    this.#holders -= 1;
    this.#rest();
  }
}

function plain({ ask: _, ...settings }: Settings): PlainSettings {
  return settings;
}

/** Batches that a worker reads. It is told of each message of them that is used up, and sends no more than two ahead. */
class RemoteBatches<B> implements Batches<B> {
  readonly #doing: Doing;
  readonly #taken: () => void;
  readonly #stop: () => void;
  #message: B[] | undefined;
  #next = 0;

  constructor(doing: Doing, taken: () => void, stop: () => void) {
    this.#doing = doing;
    this.#taken = taken;
    this.#stop = stop;
  }

  async next(): Promise<B | undefined> {
    const doing = this.#doing;
    for (;;) {
      if (this.#message && this.#next < this.#message.length) {
        this.#next += 1;
        return this.#message[this.#next - 1];
      }
      if (this.#message) {
        this.#message = undefined;
        if (!doing.isOver) this.#taken();
      }
      this.#message = doing.messages.shift() as B[] | undefined;
      this.#next = 0;
      if (this.#message) continue;
      if (doing.isOver) {
        const { failure } = doing;
        doing.failure = undefined;
        if (failure !== undefined) throw failure;
        return undefined;
      }
      await new Promise<void>((resolve) => (doing.wake = resolve));
    }
  }

  cancel(): void {
    this.#message = undefined;
    this.#stop();
  }
}
