// A worker of one's own, which has words of its own with the page besides.
import { parentPort } from "node:worker_threads";

import { serve } from "btrdb-web/worker";

serve();
parentPort.on("message", (message) => {
  if (message === "echo") for (const word of [null, "words", { kind: "started", failure: "its own" }]) parentPort.postMessage(word);
});
