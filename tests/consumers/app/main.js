// The page of every bundler. It shows its outcome as an attribute, since its policy lets nobody evaluate anything in it.
import { compiledModule, connect, init, isoString } from "btrdb-web";

import { read } from "./read.js";

const here = () => read({ connect, isoString }, "/");

/** The same in a worker, which is sent the module that this page has compiled. */
async function inWorker() {
  await init();
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.postMessage(compiledModule());
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
  });
}

const outcome = await (location.search === "?worker" ? inWorker() : here()).catch((error) => ({ failure: String(error) }));
const others = performance.getEntriesByType("resource").filter(({ name }) => !name.endsWith(".wasm"));
document.body.dataset.largest = Math.max(...others.map(({ decodedBodySize }) => decodedBodySize));
document.body.dataset.outcome = JSON.stringify(outcome);
