// What is read ahead of a loop that pauses, in a page and in worker mode: counted in batches and in bytes.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import { clientFolder } from "./lib/face.js";
import { startFaulty } from "./lib/faulty.js";
import { frame, points } from "./lib/wire.js";

const MIB = 1 << 20;
/** As many as a real server puts into a message: 80 KB of columns. */
const ROWS = 5_000;
const MESSAGE = frame(points(Array.from({ length: ROWS }, (_, time) => time))).toString("base64");

/** Instead of `fetch`: answers with a message whenever one is waited for, until it is told to stop. */
const SOURCE = `
  const message = Uint8Array.from(atob("${MESSAGE}"), (character) => character.charCodeAt(0));
  const channel = new BroadcastChannel("source");
  let isDry = false;
  channel.onmessage = () => {
    isDry = true;
    channel.postMessage("dry");
  };
  const { fetch } = globalThis;
  export const source = (url, init) => {
    if (!url.endsWith("/RawValues")) return fetch(url, init);
    const pull = (controller) => (isDry ? new Promise(() => {}) : controller.enqueue(message.slice()));
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return Promise.resolve(new Response(body, { headers: { "content-type": "application/grpc-web+proto" } }));
  };
`;

const WORKER = `
  import { serve } from "/npm/dist/worker.js";
  import { source } from "/source.js";
  globalThis.fetch = source;
  serve();
`;

let client;
let server;
let browser;

before(async () => {
  client = clientFolder();
  writeFileSync(join(client.folder, "source.js"), SOURCE);
  writeFileSync(join(client.folder, "worker.js"), WORKER);
  server = await startFaulty({ folder: client.folder, answers: { none: {} } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  client?.remove();
});

/** What there is for a loop over `what` that took two batches and then paused: how many bytes each batch has. */
async function ahead(what, options) {
  const page = await browser.newPage();
  try {
    await page.goto(server.url);
    return await page.evaluate(async ({ what, worker, bufferBytes }) => {
      const { StreamSet, connect } = await import("/npm/dist/index.js");
      const { source: fetch } = worker ? {} : await import("/source.js");
      const reader = worker && (() => new Worker("/worker.js", { type: "module" }));
      const connection = await connect(`${location.origin}/none`, { worker: reader, fetch, bufferBytes });
      const streams = [7, 8].map((last) => connection.streamFromUuid(`00000000-0000-0000-0000-00000000000${last}`));
      const read = what === "stream" ? streams[0].values() : new StreamSet(streams).valuesIter();
      const loop = read[Symbol.asyncIterator]();
      const pause = () => new Promise((done) => setTimeout(done, 300));
      await loop.next();
      await loop.next();
      await pause();
      const channel = new BroadcastChannel("source");
      const isDry = new Promise((done) => (channel.onmessage = done));
      channel.postMessage("stop");
      await isDry;
      const found = [];
      for (;;) {
        const next = await Promise.race([loop.next(), pause()]);
        if (!next) break;
        const { time, value } = next.value.columns ?? next.value;
        found.push(time.byteLength + value.byteLength);
      }
      await loop.return();
      return found;
    }, { what, ...options });
  } finally {
    await page.close();
  }
}

for (const what of ["stream", "set"]) {
  test(`a paused loop over a ${what} has at most two batches read ahead`, { timeout: 30_000 }, async () => {
    const here = await ahead(what, { worker: false });
    assert.ok(here.length <= 2, `${here.length} batches`);
    const there = await ahead(what, { worker: true });
    assert.ok(there.length > 0 && there.length <= 2, `${there.length} batches in worker mode`);
    assert.ok(there.reduce((sum, bytes) => sum + bytes, 0) <= MIB, `${there} bytes`);
  });
}

test("the batch in hand counts among the bytes that a worker may be ahead", { timeout: 30_000 }, async () => {
  const batch = 16 * ROWS;
  assert.deepEqual(await ahead("stream", { worker: true, bufferBytes: 1.5 * batch }), [batch]);
  assert.deepEqual(await ahead("stream", { worker: true, bufferBytes: 1 }), []);
});
