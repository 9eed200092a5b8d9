/**
 * A client of BTrDB for browsers and Node, compiled to WebAssembly.
 *
 * All times are `bigint` nanoseconds since 1970 UTC; all ranges are half-open. Version 0 means the newest; what is read
 * carries the version it was read at. Failures are of the classes below {@link BTrDBError}.
 *
 * @module
 */

import { type Connect, connectAfter } from "./connect.js";
import { begin } from "./instance.js";
import { type WasmSource, compiled } from "./module.js";

export * from "./api.js";

/**
 * Loads the WebAssembly module, once however often it is called; the first `connect` does it too. Needed only before
 * what answers at once: `toNanoseconds` of text, `Connection.fromHandle` and `Stream.fromHandle`.
 *
 * The module is the file `btrdb_web_bg.wasm` beside this one. Where there is none, as behind tools that move scripts but
 * not what they need, a script that holds the same is imported. Neither happens with a `source`, which says where the
 * module is; then the call rejects unless it is there.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return begin(async () => {
    const given = await source;
    return given === undefined ? found() : compiled(given);
  });
}

/** Connects to a server, as {@link Connect} says. Loads the WebAssembly module first, if nobody did. */
export const connect: Connect = /* @__PURE__ */ connectAfter(init, async (worker, options, until) => {
  const { reader } = await import("./workers.js");
  return reader(worker, options, until, () => import("./worker-file.js"));
});

async function found(): Promise<WebAssembly.Module> {
  try {
    return await compiled(new URL("./btrdb_web_bg.wasm", import.meta.url));
  } catch (failure) {
    try {
      const { inlined } = await import("./inlined.js");
      return await compiled(inlined());
    } catch {
      throw failure;
    }
  }
}
