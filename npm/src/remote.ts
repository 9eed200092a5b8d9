import type { Batches, Control, Stream, StreamSet } from "./btrdb_web.js";
import { BTRDBTypeError, ModuleFailed } from "./errors.js";
import type { FromWorker, Task } from "./messages.js";
import type { Port } from "./port.js";
import type { Scope } from "./scope.js";
import type { PlainSettings, Settings } from "./settings.js";

/** A task that is under way. It does not refer to the batches it has, or nobody could tell that they were abandoned. */
interface Doing {
  /** The way to who does it, once it has been told. */
  port?: Port;
  /** Says what it came to, once. */
  settle: { resolve: (value: unknown) => void; reject: (failure: unknown) => void } | undefined;
  /** Batches that nobody took yet. */
  messages: unknown[][];
  isOver: boolean;
  failure?: unknown;
  wake?: () => void;
}

/** A worker that runs or is about to. */
interface Running {
  port: Promise<Port>;
  end: AbortController;
}

/** The number of the newest task of any worker. */
let last = 0;

/** @internal A worker, as a module that is called as the one here is. */
export class Remote {
  readonly #open: (end: AbortSignal) => Promise<Port>;
  readonly #isOurs: boolean;
  readonly #tasks = new Map<number, Doing>();
  readonly #abandoned: FinalizationRegistry<() => void>;
  #running: Running | undefined;
  #holders = 0;

  /** A worker that `open` starts when it is needed, and that is ended when nobody needs it if it `isOurs`. */
  constructor(open: (end: AbortSignal) => Promise<Port>, isOurs: boolean) {
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

  /**
   * Ends the worker, once it has nothing to do, unless somebody else holds it; nothing where `holder` does not. It starts
   * anew for whoever calls later.
   */
  leave(holder: object): void {
    if (this.#abandoned.unregister(holder)) this.#left();
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
    // Whoever aborted knows why.
    if (signal?.aborted) throw undefined;
    const id = (last += 1);
    const doing: Doing = { settle: undefined, messages: [], isOver: false };
    const outcome = new Promise((resolve, reject) => (doing.settle = { resolve, reject }));
    // At once, so that nobody ends the worker meanwhile.
    this.#tasks.set(id, doing);
    signal?.addEventListener("abort", this.#stopper(id), { once: true });
    const begin = (port: Port) => {
      if (doing.isOver) return;
      try {
        port.post({ kind: "task", id, task, control });
        port.keep(true);
        doing.port = port;
      } catch (cause) {
        this.#over(id, doing, new BTRDBTypeError(`what was given cannot be sent to a worker: ${String(cause)}`));
      }
    };
    // What waits hears of a failure as it does later.
    this.#opened().then(begin, () => undefined);
    return outcome;
  }

  /** What ends a task early. */
  #stopper(id: number): () => void {
    return () => {
      const doing = this.#tasks.get(id);
      if (!doing) return;
      doing.port?.post({ kind: "cancel", id });
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
      const stop = this.#stopper(id);
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
    if (this.#running) return this.#running.port;
    const end = new AbortController();
    const port = this.#open(end.signal);
    const running = (this.#running = { port, end });
    const lost = (failure: unknown) => {
      if (this.#running !== running) return;
      this.#running = undefined;
      for (const [id, doing] of this.#tasks) {
        // One that is not ours may live on.
        doing.port?.post({ kind: "cancel", id });
        this.#over(id, doing, failure);
      }
      end.abort();
    };
    const listen = (port: Port) => {
      port.listen((message) => this.#heard(port, message), (why) => lost(new ModuleFailed(`the worker failed: ${why}`)));
    };
    port.then(listen, lost);
    return port;
  }

  /** Ends the worker if there is nothing to do, for anybody. */
  #rest(): void {
    const running = this.#running;
    if (!running || this.#tasks.size > 0) return;
    if (this.#isOurs && this.#holders === 0) {
      this.#running = undefined;
      running.end.abort();
    } else {
      running.port.then((port) => port.keep(this.#tasks.size > 0), () => undefined);
    }
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
