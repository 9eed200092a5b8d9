import { type Exports, instantiate } from "./btrdb_web.js";
import { ModuleFailed, NotInitialized } from "./errors.js";
import type { WasmModule } from "./module.js";

let begun: Promise<void> | undefined;
let module: WebAssembly.Module | undefined;
let running: Exports | undefined;
/** Counts instances, so that the late failure of one does not end the next. */
let started = 0;

/** Told when an instance fails: what waits for it would wait for ever. */
const waiting = new Set<(failure: ModuleFailed) => void>();

/** How much of the WebAssembly module is in use. */
export interface Stats {
  /** How many connections, streams, sets of streams and open reads have not been let go of, here and not in a worker. */
  handles: number;
  /** How large the module's memory is, in bytes. It never shrinks. */
  memoryBytes: number;
}

/** @internal Starts the module that `find` finds, once however often it is called; again only after a failure. */
export function begin(find: () => Promise<WebAssembly.Module>): Promise<void> {
  begun ??= (module ? Promise.resolve() : find().then(start)).catch((failure: unknown) => {
    begun = undefined;
    throw failure;
  });
  return begun;
}

/**
 * @internal Starts a module at once, unless one runs.
 *
 * Even what was compiled in the background is started at once, since two that start bit by bit could overtake each other.
 */
export function start(source: BufferSource | WebAssembly.Module): void {
  if (module) return;
  const compiled = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  running = instance(compiled);
  module = compiled;
}

/** @internal What the module exports: an instance of it, and another once that has failed. */
export function wasm(): Exports {
  if (module) return (running ??= instance(module));
  throw new NotInitialized("the WebAssembly module is not loaded: wait for init(), or for connect(), first");
}

/**
 * The WebAssembly module, compiled. Post it to a worker, whose `init(module)` then neither loads nor compiles anything.
 *
 * @throws As {@link NotInitialized} before `init`.
 */
export function compiledModule(): WasmModule {
  wasm();
  return module as WasmModule;
}

/**
 * How much of the WebAssembly module is in use: what grows from one look to the next is not let go of. Connections and
 * streams are by `close()`, or some time after nothing refers to them any longer; reads by their end.
 *
 * @throws As {@link NotInitialized} before `init`.
 */
export function stats(): Stats {
  const { liveHandles, memory } = wasm();
  return { handles: liveHandles(), memoryBytes: memory.buffer.byteLength };
}

/** @internal Waits for what an instance works on. Rejects where it fails, and then settles nothing any longer. */
export async function unlessFailed<T>(work: Promise<T> | T): Promise<T> {
  let lose!: (failure: ModuleFailed) => void;
  const lost = new Promise<never>((_, reject) => (lose = reject));
  waiting.add(lose);
  try {
    return await Promise.race([work, lost]);
  } finally {
    waiting.delete(lose);
  }
}

/** A new instance, which ends its requests when it fails: it cannot do so itself any longer. */
function instance(module: WebAssembly.Module): Exports {
  const requests = new Set<AbortController>();
  class Abort extends AbortController {
    constructor() {
      super();
      requests.add(this);
    }

    override abort(reason?: unknown): void {
      requests.delete(this);
      super.abort(reason);
    }
  }
  const end = () => {
    for (const request of requests) request.abort();
  };
  return instantiate(module, (exports) => guarded(exports, end), Abort);
}

/**
 * What an instance exports, watched: after a panic or a trap nothing in it can be relied on, and it is never entered again.
 * Then `end` is called.
 */
function guarded(exports: WebAssembly.Exports, end: () => void): WebAssembly.Exports {
  const number = (started += 1);
  let depth = 0;
  let failure: ModuleFailed | undefined;
  const watched = (name: string, enter: (...given: unknown[]) => unknown) => {
    // What nobody called who could be told, as promises, timers and registries do, or what ends that which is over.
    const isUncalled = /^(__wbg_|__wbindgen_destroy|wasm_bindgen_)|_cancel$/.test(name);
    return (...given: unknown[]): unknown => {
      if (!failure) {
        depth += 1;
        try {
          return enter(...given);
        } catch (thrown) {
          if (!isFatal(thrown) && !failure) throw thrown;
          failure ??= failed(thrown);
          if (number === started) running = undefined;
          for (const lose of waiting) lose(failure);
          end();
        } finally {
          depth -= 1;
        }
      }
      // An empty list is what all of them may return.
      if (isUncalled && depth === 0) return [];
      throw failure;
    };
  };
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => {
      return [name, typeof value === "function" ? watched(name, value as (...given: unknown[]) => unknown) : value];
    }),
  );
}

function failed(thrown: unknown): ModuleFailed {
  const failure = new ModuleFailed(`the WebAssembly module failed (${String(thrown)}): later calls get a new instance of it`);
  // Where in the module, which is what its authors want to know.
  failure.stack = `${failure.stack}\n${(thrown as Error).stack}`;
  return failure;
}

/** Whether what came out of the module ended it in its midst: a trap, or no memory or stack left. */
function isFatal(thrown: unknown): boolean {
  const isTrap = thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError;
  return isTrap || (thrown as Error | undefined)?.name === "InternalError";
}
