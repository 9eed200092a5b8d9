import { Unavailable } from "./errors.js";
import { type FromWorker, type ToWorker, marked, unmarked } from "./messages.js";

/** A worker of a browser, Deno or Bun, or one of Node's `node:worker_threads`. */
export interface WorkerLike {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/** How long a worker may take to answer for the first time, in milliseconds. */
const PATIENCE_MS = 20_000;

type Listener = (what: unknown) => void;

/** What Node's workers have. */
interface NodeWorker {
  on(name: string, listener: Listener): void;
  off(name: string, listener: Listener): void;
  ref(): void;
  unref(): void;
}

/** @internal The way to a worker that has answered. */
export interface Port {
  post(message: ToWorker): void;
  /** Says who is told what comes, and that nothing comes any longer. */
  listen(onMessage: (message: FromWorker) => void, onFailure: (why: string) => void): void;
  /** Says whether the program is to go on for its sake. */
  keep(isBusy: boolean): void;
}

/**
 * @internal Waits until `worker` runs `module`, which it neither loads nor compiles. Until `end` is aborted: then nothing it
 * says is heard any longer, and if it `isOurs`, it is ended.
 */
export function opened(
  worker: WorkerLike,
  module: WebAssembly.Module,
  end: AbortSignal,
  isOurs = true,
): Promise<Port> {
  return new Promise((resolve, reject) => {
    let [onMessage, onFailure] = [(_message: FromWorker) => {}, (_why: string) => {}];
    const node = "unref" in worker && "on" in worker ? (worker as unknown as NodeWorker) : undefined;
    const events = worker as unknown as EventTarget;
    const stop = () => {
      clearTimeout(timer);
      for (const [name, listener] of Object.entries(listeners)) {
        if (!node) events.removeEventListener(name, listener);
        // One of Node's that fails and is not heard ends the program.
        else if (name !== "error") node.off(name, listener);
      }
      if (isOurs) worker.terminate();
      reject(end.reason);
    };
    const fail = (why: string) => {
      reject(new Unavailable(`the worker failed: ${why}`));
      onFailure(why);
      stop();
    };
    const timer = setTimeout(fail, PATIENCE_MS, "it does not answer; a worker of your own calls serve() of btrdb-web/worker");
    const port: Port = {
      post: (message) => worker.postMessage(marked(message)),
      listen: (...listeners) => ([onMessage, onFailure] = listeners),
      keep: (isBusy) => (isBusy ? node?.ref() : node?.unref()),
    };
    const hear = (posted: unknown) => {
      const message = unmarked<FromWorker>(posted);
      if (!message) return;
      if (message.kind !== "started") return onMessage(message);
      if (message.failure !== undefined) return fail(message.failure);
      clearTimeout(timer);
      port.keep(false);
      resolve(port);
    };
    const words = (failure: unknown) => (failure as { message?: string }).message ?? "its script cannot be loaded";
    const error = (failure: unknown) => fail(words(failure));
    const listeners: Record<string, Listener> = node
      ? { message: hear, error, exit: () => fail("it has ended") }
      : {
          message: (event) => hear((event as MessageEvent).data),
          error,
          messageerror: () => fail("it sent what cannot be read"),
        };
    for (const [name, listener] of Object.entries(listeners)) {
      if (node) node.on(name, listener);
      else events.addEventListener(name, listener);
    }
    end.addEventListener("abort", stop, { once: true });
    if (end.aborted) stop();
    else port.post({ kind: "start", module });
  });
}
