import * as glue from "./btrdb_web.js";
import { NotInitialized } from "./errors.js";

let begun: Promise<void> | undefined;
let module: WebAssembly.Module | undefined;

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
  glue.initSync({ module: compiled });
  module = compiled;
}

/** @internal What the module exports. */
export function wasm(): typeof glue {
  if (module) return glue;
  throw new NotInitialized("the WebAssembly module is not loaded: wait for init(), or for connect(), first");
}

/**
 * The WebAssembly module, compiled. Post it to a worker, whose `init(module)` then neither loads nor compiles anything.
 *
 * @throws {@link NotInitialized} before `init`.
 */
export function compiledModule(): WebAssembly.Module {
  wasm();
  return module as WebAssembly.Module;
}
