// What TypeScript is to find, entry by entry: nothing here is run.
import * as main from "btrdb-web";
import source from "btrdb-web/btrdb_web_bg.wasm";
import * as inline from "btrdb-web/inline";
import * as slim from "btrdb-web/slim";
import { serve } from "btrdb-web/worker";

/** What is not in an entry, or is of another type there. */
type Others<A, B> = { [K in keyof A]: K extends keyof B ? (A[K] extends B[K] ? never : K) : K }[keyof A];

export const none: [Others<typeof main, typeof slim>, Others<typeof slim, typeof main>] extends [never, never] ? true : false = true;
export const alsoInline: Others<typeof main, typeof inline> extends never ? true : false = true;
export const begun: Promise<void>[] = [main.init(), slim.init(source), slim.init(fetch("/x.wasm")), inline.init()];
inline.initSync(main.compiledModule());
export const served: () => void = serve;
export const connected = [main.connect("/", { worker: true }), slim.connect("/", { worker: () => new Worker("worker.js") })];
// Where the types of browsers are, a module is one of theirs.
export const posted: WebAssembly.Module = main.compiledModule();
