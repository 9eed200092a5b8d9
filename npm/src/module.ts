import { BTRDBValueError, BadResponse, Unavailable } from "./errors.js";
import { builtin } from "./platform.js";

/** A compiled module: `WebAssembly.Module` where a program's types have that. Those of Node alone do not. */
export type WasmModule =
  typeof globalThis extends Record<"WebAssembly", Record<"Module", Record<"prototype", infer Module>>> ? Module : object;

/** The bytes of the WebAssembly module. */
export type WasmBytes = ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Where the WebAssembly module comes from: an address, what `fetch` answered, its bytes, or the module itself. */
export type WasmSource = URL | string | Response | WasmBytes | WasmModule;

/** What says that bytes are WebAssembly: `\0asm`. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/**
 * @internal The module that `source` gives, compiled.
 *
 * @throws As {@link Unavailable} where nothing can be read there, {@link BadResponse} where something else is, and
 * whatever compiling throws.
 */
export async function compiled(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof Response) return fromResponse(source);
  if (typeof source === "string" || source instanceof URL) return fromUrl(url(source));
  return WebAssembly.compile(source);
}

function url(address: string | URL): URL {
  const base = globalThis.location?.href;
  if (URL.canParse(address, base)) return new URL(address, base);
  throw new BTRDBValueError(`${address} is no address of a WebAssembly module: here it must be a whole URL`);
}

async function fromUrl(url: URL): Promise<WebAssembly.Module> {
  const files = url.protocol === "file:" ? builtin("node:fs/promises") : undefined;
  let answer: Response | Uint8Array<ArrayBuffer>;
  try {
    answer = files ? await files.readFile(url) : await fetch(url);
  } catch (cause) {
    throw new Unavailable(`${url.href} cannot be read (${String(cause)}): ${REMEDY}`);
  }
  return answer instanceof Response ? fromResponse(answer) : WebAssembly.compile(answer);
}

async function fromResponse(answer: Response): Promise<WebAssembly.Module> {
  const type = answer.headers.get("content-type") ?? "no content type";
  const what = `${answer.url || "what init() was given"} answered HTTP ${answer.status}, ${type}`;
  if (!answer.ok) throw new Unavailable(`${what}: ${REMEDY}`);
  if (type === "application/wasm") return WebAssembly.compileStreaming(answer);
  // Servers that do not know the type send it as something else, and those of pages answer any path with a page.
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (MAGIC.every((byte, place) => bytes[place] === byte)) return WebAssembly.compile(bytes);
  throw new BadResponse(`${what}, which is no WebAssembly: ${REMEDY}`);
}

const REMEDY = "tell init() where btrdb_web_bg.wasm is served, or import btrdb-web/inline, which needs no such file";
