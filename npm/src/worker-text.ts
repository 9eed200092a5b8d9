import { compiledModule } from "./instance.js";
import { builtin } from "./platform.js";
import { type Port, opened } from "./port.js";

/** @internal Starts the worker whose script this package has as text. A policy has to allow workers from `blob:` for that. */
export async function start(end: AbortSignal): Promise<Port> {
  const { default: script } = await import("./btrdb_web_worker_inline.js");
  if (typeof Worker !== "function") {
    const threads = builtin("node:worker_threads");
    if (!threads) throw new TypeError("there are no workers here");
    return opened(new threads.Worker(script, { eval: true }), compiledModule(), end);
  }
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return await opened(new Worker(address), compiledModule(), end);
  } finally {
    URL.revokeObjectURL(address);
  }
}
