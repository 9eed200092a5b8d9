import { compiledModule } from "./instance.js";
import { builtin } from "./platform.js";
import { type Port, opened } from "./port.js";
import { start as startText } from "./worker-text.js";

/** @internal Starts the worker whose script is beside this one or, behind tools that lose it, in this package as text. */
export async function start(end: AbortSignal): Promise<Port> {
  try {
    return await opened(started(), compiledModule(), end);
  } catch (failure) {
    if (end.aborted) throw failure;
    // Bundlers know the form above. Others leave the address as it is, where nothing may be.
    return startText(end).catch(() => {
      throw failure;
    });
  }
}

function started() {
  if (typeof Worker === "function") {
    return new Worker(new URL("./btrdb_web_worker.js", import.meta.url), { type: "module" });
  }
  const threads = builtin("node:worker_threads");
  if (!threads) throw new TypeError("there are no workers here");
  // Not of the form that bundlers look for.
  return new threads.Worker(new URL(import.meta.url.replace(/[^/]*$/, "btrdb_web_worker.js")));
}
