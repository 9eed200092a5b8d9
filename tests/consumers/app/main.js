// The page of every bundler. It shows its outcome as an attribute, since its policy lets nobody evaluate anything in it.
import { compiledModule, connect, init, isoString } from "btrdb-web";

import { read } from "./read.js";

let reads = 0;
const { fetch } = globalThis;
globalThis.fetch = (url, init) => {
  if (String(url).endsWith("Values")) reads += 1;
  return fetch(url, init);
};

const here = (options) => read({ connect, isoString }, "/", options);

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

const ways = { "": () => here(), "?worker": inWorker, "?reader": () => here({ worker: true }) };
const outcome = await ways[location.search.replace(/&.*/, "")]().catch((error) => ({ failure: String(error) }));
const loaded = performance.getEntriesByType("resource");
const others = loaded.filter(({ name }) => !name.endsWith(".wasm"));
document.body.dataset.reads = reads;
document.body.dataset.largest = Math.max(...others.map(({ decodedBodySize }) => decodedBodySize));
document.body.dataset.outcome = JSON.stringify(outcome);
