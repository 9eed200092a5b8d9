import start, * as glue from "./btrdb_web.js";
import { NotInitialized, Unavailable } from "./errors.js";
import { builtin } from "./platform.js";

/** Where the WebAssembly module comes from: an address, what `fetch` answered, its bytes, or the module itself. */
export type WasmSource = URL | string | Response | BufferSource | WebAssembly.Module;

let begun: Promise<void> | undefined;
let isReady = false;

/**
 * Loads the WebAssembly module, once however often it is called; the first `connect` does it too. Needed only before
 * what answers at once: `toNanoseconds` of text, `Connection.fromHandle` and `Stream.fromHandle`.
 *
 * `source` says where the module is, if it is not beside this file: `btrdb_web_bg.wasm`.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  begun ??= load(source).catch((failure: unknown) => {
    begun = undefined;
    throw failure;
  });
  return begun;
}

/** @internal What the module exports. */
export function wasm(): typeof glue {
  if (isReady) return glue;
  throw new NotInitialized("the WebAssembly module is not loaded: wait for init(), or for connect(), first");
}

async function load(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  const given = (await source) ?? new URL("./btrdb_web_bg.wasm", import.meta.url);
  const url = typeof given === "string" ? new URL(given, globalThis.location?.href) : given;
  await start({ module_or_path: url instanceof URL ? await fetched(url) : url });
  isReady = true;
}

async function fetched(url: URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  const files = url.protocol === "file:" ? builtin("node:fs/promises") : undefined;
  if (files) return files.readFile(url);
  const answer = await fetch(url);
  if (answer.ok) return answer;
  throw new Unavailable(`the WebAssembly module is not at ${url.href} (HTTP ${answer.status}): tell init() where it is`);
}
