/**
 * What a worker does for connections that were made with `worker`: a script of your own that calls {@link serve} is such a
 * worker. `connect(endpoint, { worker: true })` needs none.
 *
 * @module
 */

import type { Batches, Control, Stream } from "./btrdb_web.js";
import { BTrDBError } from "./errors.js";
import { start, unlessFailed, wasm } from "./instance.js";
import { type FromWorker, type Task, type ToWorker, marked, unmarked } from "./messages.js";
import { builtin } from "./platform.js";
import { Reading, buffers } from "./reading.js";
import { ranged } from "./scope.js";
import { unasked } from "./settings.js";
import { transport } from "./transport.js";

export type { WorkerLike } from "./port.js";

/** The thread that started this one. */
interface Parent {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
}

/** Lets this worker read for the page that started it, which sends it the WebAssembly module. Call it once, at once. */
export function serve(): void {
  const ends = new Map<number, { cancel(): void; taken?(): void }>();
  const answer = (message: FromWorker) => parent.postMessage(marked(message), buffers(message));
  const fail = (id: number, thrown: unknown) => {
    const failure = thrown instanceof BTrDBError ? thrown.toJSON() : thrown;
    answer({ kind: "failed", id, failure });
  };

  const run = async (id: number, task: Task, control: Omit<Control, "signal">) => {
    const abort = new AbortController();
    ends.set(id, { cancel: () => abort.abort() });
    try {
      const value = await unlessFailed(performed(task, { ...control, signal: abort.signal }));
      const [batches, rest] = found(value);
      if (!batches) return answer({ kind: "done", id, value, isRead: false });
      const reading = new Reading(batches, control.whole === true, task.settings.bufferBytes, (batches) => {
        answer({ kind: "batches", id, batches });
      });
      if (abort.signal.aborted) return reading.cancel();
      ends.set(id, reading);
      answer({ kind: "done", id, value: rest, isRead: true });
      await reading.run();
      answer({ kind: "end", id });
    } catch (failure) {
      fail(id, failure);
    } finally {
      ends.delete(id);
    }
  };

  const hear = (posted: unknown) => {
    const message = unmarked<ToWorker>(posted);
    if (!message) return;
    if (message.kind === "task") void run(message.id, message.task, message.control);
    else if (message.kind === "cancel") ends.get(message.id)?.cancel();
    else if (message.kind === "taken") ends.get(message.id)?.taken?.();
    else answer(started(message.module));
  };
  const parent = listen(hear);
}

function started(module: WebAssembly.Module): FromWorker {
  try {
    start(module);
    return { kind: "started" };
  } catch (failure) {
    return { kind: "started", failure: String(failure) };
  }
}

function listen(hear: (posted: unknown) => void): Parent {
  const threads = builtin("node:worker_threads");
  if (threads?.parentPort) {
    threads.parentPort.on("message", hear);
    return threads.parentPort;
  }
  globalThis.addEventListener("message", (event) => hear((event as MessageEvent).data));
  return globalThis as unknown as Parent;
}

/** Calls the method that `task` names. What it takes lives no longer, but for batches, which have their own of it. */
async function performed({ settings, uuids, scope, method, given }: Task, control: Control): Promise<unknown> {
  const connection = unasked({ ...settings, ask: transport({}) });
  const streams: Stream[] = [];
  try {
    for (const uuid of uuids) streams.push(connection.streamFromUuid(uuid));
    const call = (on: unknown) => {
      return (on as Record<string, (...given: unknown[]) => unknown>)[method]?.(...given, control);
    };
    return await (scope ? ranged(wasm(), streams, scope, control, call) : call(streams[0]));
  } finally {
    for (const handle of [connection, ...streams]) handle.free();
  }
}

/** The batches that `value` is or has, and what else it has. */
function found(value: unknown): [Batches<unknown> | undefined, unknown] {
  const isBatches = (it: unknown): it is Batches<unknown> => typeof (it as Batches<unknown> | undefined)?.cancel === "function";
  if (isBatches(value)) return [value, undefined];
  if (!isBatches((value as { batches?: unknown } | undefined)?.batches)) return [undefined, undefined];
  const { batches, ...rest } = value as { batches: Batches<unknown> };
  return [batches, rest];
}
