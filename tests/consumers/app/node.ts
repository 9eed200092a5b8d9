// What TypeScript is to find in a program for Node, which knows of no page: nothing here is run.
import { type StatColumns, compiledModule, connect, init } from "btrdb-web";
import { diagnose } from "btrdb-web/diagnose";
import { initSync } from "btrdb-web/inline";
import { serve } from "btrdb-web/worker";

await init(new URL("file:///btrdb_web_bg.wasm"));
const connection = await connect({ signal: AbortSignal.timeout(1_000) });
const [stream] = await connection.streams("a/b");
export const windows: StatColumns | undefined = await stream?.alignedWindows(0n, 1n, 30);
export const others = [initSync, serve, await diagnose("/"), compiledModule()];
