// What ends a call early, and that its request ends with it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { BTrDBError, Cancelled, DeadlineExceeded, connect, stats } from "btrdb-web";

import { fixture, ramp, watchRequests } from "./lib/fixture.js";

/** Enough for many messages, so that no read is over before it is ended. */
const POINTS = 1_000_000;

let stream;
let version;
const shared = fixture(async ({ connection }) => {
  stream = await ramp(connection, "long", POINTS);
  version = await stream.version();
});

let watched;
beforeEach(() => (watched = watchRequests()));
afterEach(() => watched.restore());

const run = promisify(execFile);
const failure = (promise) => promise.then(() => assert.fail("no error"), (error) => error);

/** Waits until all requests that went out have been aborted, which is a matter of microtasks. */
async function allAborted() {
  await sleep(5);
  assert.ok(watched.requests.length > 0, "nothing was asked");
  assert.ok(watched.requests.every(({ isAborted }) => isAborted), "a request goes on");
}

test("leaving a loop ends its request", async () => {
  let rows = 0;
  for await (const { time } of stream.values()) {
    rows += time.length;
    if (rows > 0) break;
  }
  assert.ok(rows > 0 && rows < POINTS, `${rows} rows`);
  await allAborted();
});

test("an error in a loop ends its request", async () => {
  const mine = new Error("mine");
  const work = async () => {
    for await (const _ of stream.values()) throw mine;
  };
  assert.equal(await failure(work()), mine);
  await allAborted();
});

test("a loop that is left twice or goes on after its end asks nothing more", async () => {
  const loop = stream.values()[Symbol.asyncIterator]();
  const pending = loop.next();
  await loop.return();
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.deepEqual(await loop.next(), { done: true, value: undefined });
  await loop.return();
});

test("a read asks nothing before it is used and anew for every loop", async () => {
  const read = stream.values(undefined, undefined, { version });
  await sleep(5);
  assert.equal(watched.requests.length, 0);
  const [one, other] = await Promise.all([read, read]);
  assert.equal(one, other);
  assert.equal(one.time.length, POINTS);
  assert.equal(watched.requests.length, 1);
  let rows = 0;
  for await (const { value } of read) rows += value.length;
  assert.equal(rows, POINTS);
});

test("the first batch comes before a twentieth of the answer is there", async () => {
  const { fetch } = globalThis;
  let bytes = 0;
  globalThis.fetch = async (...given) => {
    const { body, headers } = await fetch(...given);
    const counted = new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return new Response(body.pipeThrough(counted), { headers });
  };
  try {
    const loop = stream.values()[Symbol.asyncIterator]();
    let rows = (await loop.next()).value.time.length;
    const early = bytes;
    for await (const { time } of loop) rows += time.length;
    assert.equal(rows, POINTS);
    assert.ok(early > 0 && early < bytes / 20, `${early} of ${bytes} bytes`);
  } finally {
    globalThis.fetch = fetch;
  }
});

test("a ReadableStream that is cancelled ends its request", async () => {
  const reader = stream.values().readable().getReader();
  const { value } = await reader.read();
  assert.ok(value.time.length > 0);
  await reader.cancel();
  await allAborted();
  let rows = 0;
  for await (const { time } of stream.windows(undefined, undefined, 1n << 61n).readable()) rows += time.length;
  assert.ok(rows > 0);
});

test("await using ends what is under way", async () => {
  const read = stream.values();
  await read[Symbol.asyncIterator]().next();
  await read[Symbol.asyncDispose]();
  await allAborted();
});

test("what is disposed of while all of it is waited for does not pass for all", async () => {
  for (const inWorker of [false, true]) {
    const connection = inWorker ? await connect(shared.server.url, { worker: true }) : shared.connection;
    const read = connection.streamFromUuid(stream.uuid).values();
    const pending = [failure(read.collect()), failure(read)];
    await sleep(5);
    await read[Symbol.asyncDispose]();
    for (const error of await Promise.all(pending)) assert.ok(error instanceof Cancelled);
    if (inWorker) connection.close();
  }
});

test("a loop that nobody goes on with is let go of, whatever signal and deadline it has", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const before = stats().handles;
  const options = { signal: new AbortController().signal, timeoutMs: 3_600_000 };
  for (let count = 0; count < 5; count += 1) {
    await stream.values(undefined, undefined, options)[Symbol.asyncIterator]().next();
  }
  for (let round = 0; round < 50 && stats().handles > before + 1; round += 1) {
    gc();
    await sleep(20);
  }
  assert.ok(stats().handles <= before + 1, `${stats().handles} handles, ${before} before`);
});

test("a signal that is aborted already sends nothing", async () => {
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  for (const call of [stream.version({ signal }), stream.values(undefined, undefined, { signal }).collect()]) {
    const error = await failure(call);
    assert.ok(error instanceof Cancelled);
    assert.equal(error.cause, reason);
  }
  assert.equal(watched.requests.length, 0);
});

test("the cause of an abort is its reason, whatever that is", async () => {
  for (const reason of [null, 0, ""]) {
    const error = await failure(stream.version({ signal: AbortSignal.abort(reason) }));
    assert.equal(error.cause, reason);
    assert.equal(BTrDBError.from(structuredClone(error)).code, "CANCELLED");
  }
});

test("an abort during a call ends its request", async () => {
  for (const call of [(o) => stream.count(undefined, undefined, o), (o) => stream.values(undefined, undefined, o).collect()]) {
    const controller = new AbortController();
    const reason = { why: "enough" };
    const pending = failure(call({ signal: controller.signal }));
    while (watched.requests.every(({ isAborted }) => isAborted)) await undefined;
    controller.abort(reason);
    const error = await pending;
    assert.equal(error.code, "CANCELLED");
    assert.equal(error.cause, reason);
    await allAborted();
  }
});

test("an abort while the reader pauses ends the request at once", async () => {
  const controller = new AbortController();
  const loop = stream.values(undefined, undefined, { signal: controller.signal })[Symbol.asyncIterator]();
  await loop.next();
  controller.abort("paused");
  await allAborted();
  const error = await failure(loop.next());
  assert.deepEqual([error.code, error.cause], ["CANCELLED", "paused"]);
  assert.deepEqual(await loop.next(), { done: true, value: undefined });
});

test("an abort ends a tail and a set too", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const work = async () => {
    for await (const _ of stream.tail({ intervalMs: 60_000, signal })) assert.fail("nothing changed");
  };
  const set = await shared.connection.streams([stream.uuid]);
  const pending = [failure(work()), failure(set.with({ signal }).toCsv())];
  await sleep(50);
  controller.abort();
  for (const error of await Promise.all(pending)) assert.equal(error.cause, signal.reason);
});

test("a deadline ends calls and reads in time", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  try {
    const begun = performance.now();
    const error = await failure(connect(`127.0.0.1:${silent.address().port}`, { timeoutMs: 80 }));
    assert.ok(error instanceof DeadlineExceeded && error.retryable);
    const took = performance.now() - begun;
    assert.ok(took > 70 && took < 10_000, `${took} ms`);
    await allAborted();
  } finally {
    silent.close();
  }
});

test("a deadline and a signal hold while the module loads", async () => {
  const code = `
    import { connect, init } from "btrdb-web/slim";
    init(new Promise(() => setTimeout(() => {}, 60_000))).catch(() => {});
    const codes = [{ timeoutMs: 50 }, { signal: AbortSignal.timeout(50) }].map((options) =>
      connect("127.0.0.1:1", options).catch(({ code }) => code),
    );
    console.log(...(await Promise.all(codes)));
    process.exit();
  `;
  const cwd = new URL(".", import.meta.url);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd, timeout: 30_000 });
  assert.equal(stdout.trim(), "DEADLINE_EXCEEDED CANCELLED");
});

test("a limit that no timer can wait for is none", async () => {
  const patient = stream.with({ stallMs: 2 ** 31, timeoutMs: 2 ** 31 });
  assert.equal(await patient.count(), BigInt(POINTS));
  assert.equal((await patient.values()).time.length, POINTS);
});

test("a deadline of no time at all is one", async () => {
  const error = await failure(stream.version({ timeoutMs: 0 }));
  assert.equal(error.code, "DEADLINE_EXCEEDED");
});

test("a deadline ends a read whose reader pauses", async () => {
  const loop = stream.values(undefined, undefined, { timeoutMs: 150 })[Symbol.asyncIterator]();
  await loop.next();
  await sleep(250);
  await allAborted();
  assert.equal((await failure(loop.next())).code, "DEADLINE_EXCEEDED");
});

test("a call that fails for a passing reason is made again", async () => {
  const { port } = new URL(shared.server.url);
  let calls = 0;
  const { fetch } = globalThis;
  globalThis.fetch = (...given) => {
    calls += 1;
    return calls < 3 ? Promise.reject(new TypeError("fetch failed")) : fetch(...given);
  };
  try {
    const retry = { retries: 4, delayMs: 1, backoff: 1 };
    await connect(`127.0.0.1:${port}`, { retry });
    assert.equal(calls, 3);
    calls = 0;
    await connect(`127.0.0.1:${port}`, { retry: { retries: undefined, delayMs: 1, backoff: undefined } });
    assert.equal(calls, 3, "what is left open is as it is by default");
    calls = 0;
    assert.equal((await failure(stream.version())).code, "UNAVAILABLE");
    assert.equal(calls, 1, "not unless asked for");
  } finally {
    globalThis.fetch = fetch;
  }
});
