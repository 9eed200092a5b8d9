/**
 * The client with its WebAssembly module inside the script: for a single file, and for what cannot wait.
 *
 * It is the package's main entry but for {@link init}, which reads no file, and {@link initSync}.
 *
 * @module
 */

import { type Connect, connectAfter } from "./connect.js";
import { inlined } from "./inlined.js";
import { begin, start } from "./instance.js";
import { type WasmBytes, type WasmModule, type WasmSource, compiled } from "./module.js";

export * from "./api.js";

/**
 * Starts the WebAssembly module that this script holds, or `source`, once however often it is called; the first `connect`
 * does it too.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return begin(async () => compiled((await source) ?? inlined()));
}

/**
 * As {@link init}, at once. Meanwhile the page stands still for the time of compiling, tens of milliseconds, unless
 * `source` is compiled already.
 */
export function initSync(source: WasmBytes | WasmModule = inlined()): void {
  start(source);
}

/** Connects to a server, as {@link Connect} says. Loads the WebAssembly module first, if nobody did. */
export const connect: Connect = /* @__PURE__ */ connectAfter(init, async (worker, options, until) => {
  const { reader } = await import("./workers.js");
  return reader(worker, options, until, () => import("./worker-text.js"));
});
