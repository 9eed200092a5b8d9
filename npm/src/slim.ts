/**
 * The client without its WebAssembly module, for those who see to it themselves: it is at `btrdb-web/btrdb_web_bg.wasm`.
 *
 * It is the package's main entry but for {@link init}, which wants to be told.
 *
 * @module
 */

import { type Connect, connectAfter } from "./connect.js";
import { NotInitialized } from "./errors.js";
import { begin } from "./instance.js";
import { type WasmSource, compiled } from "./module.js";
import { reader } from "./workers.js";

export * from "./api.js";

/**
 * Loads the WebAssembly module from `source`, once however often it is called; the others need none.
 *
 * @throws As {@link NotInitialized} without a `source`, if no call before had one.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  return begin(async () => {
    const given = await source;
    if (given !== undefined) return compiled(given);
    throw new NotInitialized(
      "btrdb-web/slim looks for no WebAssembly module: call init(source) first, with the address that " +
        "btrdb-web/btrdb_web_bg.wasm is served at, a Response, its bytes or a WebAssembly.Module",
    );
  });
}

/** Connects to a server, as {@link Connect} says. Loads the WebAssembly module first, if nobody did. */
export const connect: Connect = /* @__PURE__ */ connectAfter(init, reader);
