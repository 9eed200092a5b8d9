// Reads by workers: whose they are, how long they live, and that none waits for ever.
import assert from "node:assert/strict";
import { once } from "node:events";
import { beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { BTRDBTypeError, DeadlineExceeded, InvalidOperation, ModuleFailed, connect } from "btrdb-web";

import { fixture, ramp } from "./lib/fixture.js";

let short;
let long;
const shared = fixture(async ({ connection }) => {
  short = await ramp(connection, "short", 1_000);
  long = await ramp(connection, "long", 1_000_000);
});

let alive;
beforeEach(() => (alive = new Set()));

/** A new worker, which is counted for as long as it lives. */
function made(script = new URL("./lib/serve.js", import.meta.url), options = {}) {
  const worker = new Worker(script, options);
  alive.add(worker);
  worker.once("exit", () => alive.delete(worker));
  return worker;
}

/** One that never answers. */
const silent = () => made("setInterval(() => {}, 1000)", { eval: true });

/** As workers are in a page: an error of their own does not end them. */
class PageWorker extends EventTarget {
  sent = [];
  #worker = made();

  constructor() {
    super();
    this.#worker.on("message", (data) => this.dispatchEvent(new MessageEvent("message", { data })));
  }

  postMessage(message) {
    this.sent.push(message);
    this.#worker.postMessage(message);
  }

  fail() {
    this.dispatchEvent(Object.assign(new Event("error"), { message: "an error of its own" }));
  }

  terminate() {
    return this.#worker.terminate();
  }
}

async function allEnded() {
  await Promise.all([...alive].map((worker) => once(worker, "exit", { signal: AbortSignal.timeout(10_000) })));
}

const failure = (promise) => promise.then(() => assert.fail("no error"), (error) => error);
const reading = (connection, stream = short) => connection.streamFromUuid(stream.uuid);
const rows = async (read) => (await read).time.length;

test("connections that a function gives the same worker share it", async () => {
  const worker = made();
  const [one, other] = await Promise.all([1, 2].map(() => connect(shared.server.url, { worker: () => worker })));
  const both = [rows(reading(one).values()), rows(reading(other, long).values())];
  assert.deepEqual(await Promise.all(both), [1_000, 1_000_000]);
  other.close();
  assert.equal(await rows(reading(one).values()), 1_000);
  one.close();
  await allEnded();
  assert.ok((await failure(connect(shared.server.url, { worker: () => worker }))) instanceof InvalidOperation);
});

test("an error of a worker's own fails what it reads, and what it says is not heard twice thereafter", async () => {
  const worker = new PageWorker();
  const connection = await connect(shared.server.url, { worker });
  const loop = reading(connection, long).values()[Symbol.asyncIterator]();
  await loop.next();
  worker.fail();
  const error = await failure((async () => { while (!(await loop.next()).done); })());
  assert.ok(error instanceof ModuleFailed);
  assert.ok(worker.sent.some((message) => message["btrdb-web"].kind === "cancel"), "it goes on with what was given up");
  let count = 0;
  for await (const { time } of reading(connection, long).values()) count += time.length;
  assert.equal(count, 1_000_000);
  connection.close();
  await worker.terminate();
});

test("a read that begins as the worker is let go of is not lost with it", async () => {
  const connection = await connect(shared.server.url, { worker: made });
  const stream = reading(connection);
  await stream.arrowValues();
  connection.close();
  assert.ok((await stream.arrowValues()).ipc.length > 0);
  for (let round = 0; round < 3; round += 1) {
    const controller = new AbortController();
    const left = failure(stream.arrowValues(undefined, undefined, { signal: controller.signal }));
    await sleep(round * 5);
    controller.abort();
    assert.ok((await stream.arrowValues()).ipc.length > 0);
    await left;
  }
  await allEnded();
});

test("what `with` gives holds the worker, too, and closes nobody else's", async () => {
  const connection = await connect(shared.server.url, { worker: made });
  const [worker] = alive;
  const derived = connection.with({ timeoutMs: 60_000 });
  derived.close();
  assert.equal(await rows(reading(connection).values()), 1_000);
  const other = connection.with({});
  connection.close();
  assert.equal(await rows(reading(other).values()), 1_000);
  assert.deepEqual([...alive], [worker]);
  other.close();
  await allEnded();
});

test("a deadline holds while a worker starts, and no worker is left over by a connect that failed", async () => {
  const begun = performance.now();
  assert.ok((await failure(connect(shared.server.url, { worker: silent, timeoutMs: 100 }))) instanceof DeadlineExceeded);
  assert.equal((await failure(connect("127.0.0.1:1", { worker: made }))).code, "UNAVAILABLE");
  assert.equal((await failure(connect("127.0.0.1:1", { worker: silent }))).code, "UNAVAILABLE");
  assert.ok(performance.now() - begun < 10_000);
  await allEnded();
});

test("a deadline holds while a worker starts anew", async () => {
  const workers = [made, silent];
  const connection = await connect(shared.server.url, { worker: () => workers.shift()() });
  const stream = reading(connection);
  connection.close();
  const begun = performance.now();
  const error = await failure(stream.values(undefined, undefined, { timeoutMs: 100 }).collect());
  assert.ok(error instanceof DeadlineExceeded && performance.now() - begun < 10_000);
  await allEnded();
});

test("a worker and its page may say other things", async () => {
  const worker = made();
  worker.postMessage({ config: 1 });
  const connection = await connect(shared.server.url, { worker });
  for (const word of [null, "words", { kind: "start" }, "echo"]) worker.postMessage(word);
  await once(worker, "message");
  assert.equal(await rows(reading(connection).values()), 1_000);
  connection.close();
  assert.equal(alive.size, 1, "a worker that was given is its giver's");
  await worker.terminate();
});

test("what cannot be posted is refused, and holds no worker", async () => {
  const connection = await connect(shared.server.url, { worker: made });
  const read = reading(connection).arrowValues(undefined, undefined, { schema: new Proxy(new Uint8Array(3), {}) });
  assert.ok((await failure(read)) instanceof BTRDBTypeError);
  connection.close();
  await allEnded();
});
