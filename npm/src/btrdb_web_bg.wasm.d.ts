import type { WasmSource } from "./module.js";

/** The WebAssembly module as your tools import it: its address, its bytes or the module itself, any of which `init` takes. */
declare const source: WasmSource;
export default source;
