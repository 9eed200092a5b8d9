import { Unavailable } from "./errors.js";
import type { FromWorker, ToWorker } from "./messages.js";

/** A worker of a browser, Deno or Bun, or one of Node's `node:worker_threads`. */
export interface WorkerLike {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/** How long a worker may take to answer for the first time, in milliseconds. */
const PATIENCE_MS = 20_000;

/** What Node's workers have. */
interface NodeWorker {
  on(name: string, listener: (what: unknown) => void): void;
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
  end(): void;
}

/** @internal Waits until `worker` runs `module`, which it neither loads nor compiles. */
export function opened(worker: WorkerLike, module: WebAssembly.Module): Promise<Port> {
  return new Promise((resolve, reject) => {
    let [onMessage, onFailure] = [(_message: FromWorker) => {}, (_why: string) => {}];
    const node = "unref" in worker && "on" in worker ? (worker as unknown as NodeWorker) : undefined;
    const fail = (why: string) => {
      clearTimeout(timer);
      onFailure(why);
      reject(new Unavailable(`the worker failed: ${why}`));
    };
    const timer = setTimeout(fail, PATIENCE_MS, "it does not answer; a worker of your own calls serve() of btrdb-web/worker");
    const port: Port = {
      post: (message) => worker.postMessage(message),
      listen: (...listeners) => ([onMessage, onFailure] = listeners),
      keep: (isBusy) => (isBusy ? node?.ref() : node?.unref()),
      end: () => void worker.terminate(),
    };
    const hear = (message: FromWorker) => {
      if (message.kind !== "started") return onMessage(message);
      if (message.failure !== undefined) return fail(message.failure);
      clearTimeout(timer);
      port.keep(false);
      resolve(port);
    };
    const words = (failure: unknown) => (failure as { message?: string }).message ?? "its script cannot be loaded";
    if (node) {
      node.on("message", (message) => hear(message as FromWorker));
      node.on("error", (failure) => fail(words(failure)));
      node.on("exit", () => fail("it has ended"));
    } else {
      const events = worker as unknown as EventTarget;
      events.addEventListener("message", (event) => hear((event as MessageEvent<FromWorker>).data));
      events.addEventListener("error", (event) => fail(words(event)));
      events.addEventListener("messageerror", () => fail("it sent what cannot be read"));
    }
    port.post({ kind: "start", module });
  });
}
