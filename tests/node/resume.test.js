// Reads over a line that breaks: they go on where they broke, or say how far they came.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { BTrDBError, Unavailable, connect } from "btrdb-web";

import { sound, startFaulty } from "../e2e/lib/faulty.js";
import { cut, passed, startBadProxy } from "../e2e/lib/bad-proxy.js";
import { frame, points, trailers } from "../e2e/lib/wire.js";
import { SECOND, START, fixture } from "./lib/fixture.js";

const POINTS = 600_000;
const CUTS = 20;
const RESUME = { retries: 50, delayMs: 1, backoff: 1 };

/** Numbers from 0 to 1, the same for every run. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** What the proxy does with the answer of a read. */
let toRead;
let proxy;
let stream;
const shared = fixture(async ({ connection, server }) => {
  stream = await connection.create(crypto.randomUUID(), "test/resume", { name: "x" });
  // Of three points two are at the same time, so that a read breaks between such, too.
  const time = BigInt64Array.from({ length: POINTS }, (_, place) => START + BigInt(place - (place % 3 === 2)) * SECOND);
  await stream.insert({ time, value: Float64Array.from({ length: POINTS }, (_, place) => place) });
  const isRead = (call) => /(Values|Windows)$/.test(call);
  proxy = await startBadProxy(server.url, {
    answer: (from, to, call) => (isRead(call) ? toRead(from, to) : passed(from, to, call)),
  });
});
after(() => proxy?.stop());

/** How many bytes the answer to `read` has. */
async function size(read) {
  let bytes = 0;
  toRead = async (from, to) => {
    from.on("data", (chunk) => (bytes += chunk.length));
    await passed(from, to);
  };
  await read();
  return bytes;
}

/** Cuts answers of up to `most` bytes, now like a broken line and now like a proxy that says it was all. */
function cutting(most, seed, onCut = () => {}) {
  const drawn = random(seed);
  const cuts = { made: 0 };
  toRead = async (from, to) => {
    if (cuts.made >= CUTS) return passed(from, to);
    cuts.made += 1;
    await cut(from, to, 1 + Math.floor(drawn() * most), (to) => (cuts.made % 2 ? to.destroy() : to.end()));
    await onCut(cuts.made);
  };
  return cuts;
}

const READS = {
  values: (of, o) => of.values(undefined, undefined, o),
  windows: (of, o) => of.windows(START, START + BigInt(POINTS) * SECOND, SECOND, o),
  alignedWindows: (of, o) => of.alignedWindows(undefined, undefined, 29, o),
};

for (const arrow of [true, false]) {
  for (const [name, read] of Object.entries(READS)) {
    test(`${name} as ${arrow ? "Arrow" : "messages"} have no gap and no duplicate over ${CUTS} cuts`, async () => {
      const reading = (await connect(proxy.url, { arrow })).streamFromUuid(stream.uuid);
      // An answer has few messages as Arrow, and what breaks within the first brings nothing.
      const most = (await size(() => read(reading))) / (arrow ? 8 : 16);
      const { version, ...whole } = await read(stream);
      const batches = [];
      let inserted;
      const cuts = cutting(most, 1 + name.length, () => {
        // It belongs to a later version than the one that is read by now.
        if (batches.length > 0) inserted ??= stream.insert([[START + BigInt(POINTS - 1) * SECOND, 0.5]]);
      });
      for await (const batch of read(reading, { resume: RESUME })) batches.push(batch);
      assert.ok((await inserted) > version, "no insert meanwhile");
      assert.equal(cuts.made, CUTS);
      assert.ok(batches.length > 5 && batches.every((batch) => batch.version === version));
      for (const [column, expected] of Object.entries(whole)) {
        const parts = batches.map((batch) => Buffer.from(batch[column].buffer, batch[column].byteOffset, batch[column].byteLength));
        assert.ok(Buffer.concat(parts).equals(Buffer.from(expected.buffer)), `${column} of ${batches.length} batches`);
      }
    });
  }
}

test("sets and tables of several streams go on, too", async () => {
  const connection = await connect(proxy.url, { resume: RESUME });
  const other = await shared.connection.create(crypto.randomUUID(), "test/resume", { name: "y" });
  await other.insert({ time: Array.from({ length: 50_000 }, (_, place) => START + BigInt(place) * SECOND), value: Array(50_000).fill(1) });
  const both = [stream, other].map(({ uuid }) => uuid);
  const set = await connection.streams(both);
  const sound = await shared.connection.streams(both);
  const whole = await sound.values();
  let cuts = cutting(400_000, 5);
  assert.deepEqual(await set.values(), whole);
  assert.equal(cuts.made, CUTS);
  cuts = cutting(400_000, 6);
  const table = async (set) => (await set.toColumns()).time.length;
  assert.equal(await table(set), await table(sound));
  assert.ok(cuts.made > 5);
});

test("one Arrow stream of a single stream is read anew", async () => {
  const connection = await connect(proxy.url, { resume: RESUME });
  const whole = await stream.arrowValues();
  let calls = 0;
  toRead = async (from, to) => {
    calls += 1;
    if (calls > 3) return passed(from, to);
    await cut(from, to, 100_000 * calls, (to) => to.destroy());
  };
  assert.deepEqual(await connection.streamFromUuid(stream.uuid).arrowValues(), whole);
  assert.equal(calls, 4);
});

test("a read that broke says how far it came, also after JSON and structuredClone", async () => {
  const reading = (await connect(proxy.url, { arrow: false })).streamFromUuid(stream.uuid);
  for (const [end, code] of [["destroy", "UNAVAILABLE"], ["end", "BAD_RESPONSE"]]) {
    toRead = async (from, to) => void (await cut(from, to, 2_000_000, (to) => to[end]()));
    const times = [];
    let error;
    try {
      for await (const { time } of reading.values()) times.push(...time);
    } catch (failure) {
      error = failure;
    }
    assert.deepEqual([error.code, error.retryable], [code, error instanceof Unavailable]);
    const { rows, lastTime, bytes } = error.readSoFar;
    assert.ok(rows > 1_000);
    assert.deepEqual([rows, lastTime], [times.length, times.at(-1)]);
    // A point is 18 or 20 bytes of a message.
    assert.ok(bytes > 18 * rows && bytes <= 2_000_000, `${bytes} bytes for ${rows} rows`);
    for (const again of [JSON.parse(JSON.stringify(error)), structuredClone(error)]) {
      assert.deepEqual(BTrDBError.from(again).readSoFar, error.readSoFar);
    }
  }
});

test("a line on which nothing comes is left, and the read goes on", async () => {
  const reading = (await connect(proxy.url)).streamFromUuid(stream.uuid);
  const whole = await stream.values();
  let calls = 0;
  const stalling = async (from, to) => {
    calls += 1;
    if (calls > 2) return passed(from, to);
    // Once without as much as a beginning.
    if (calls === 2) return;
    await cut(from, to, 1_000_000, () => {});
  };
  toRead = stalling;
  const begun = performance.now();
  const error = await reading.values(undefined, undefined, { stallMs: 400 }).collect().then(assert.fail, (error) => error);
  const took = performance.now() - begun;
  assert.ok(error instanceof Unavailable && took > 390 && took < 10_000, `${error} after ${took} ms`);
  assert.match(error.message, /nothing came for 400 ms/);
  calls = 0;
  assert.deepEqual(await reading.with({ stallMs: 400, resume: RESUME }).values(), whole);
  assert.equal(calls, 3);
});

test("a slow reader is no stalled line", async () => {
  const reading = (await connect(proxy.url, { stallMs: 500 })).streamFromUuid(stream.uuid);
  toRead = passed;
  let rows = 0;
  for await (const { time } of reading.values()) {
    if (rows === 0) await new Promise((done) => setTimeout(done, 800));
    rows += time.length;
  }
  assert.equal(rows, Number(await stream.count(undefined, undefined, { precise: true })));
});

test("calls that are no reads follow retry and not resume", async () => {
  const connection = await connect(proxy.url, { resume: RESUME });
  await proxy.stop();
  assert.equal((await connection.info().then(assert.fail, (error) => error)).code, "UNAVAILABLE");
});

test("the server says when to call again, and that it should not be", async () => {
  let refusals = 0;
  const refusing = (millis) => ({
    answer: (response) => {
      refusals += 1;
      if (refusals > 1) return sound(response, frame(points([1])));
      const lines = `grpc-status: 14\r\ngrpc-message: busy\r\ngrpc-retry-pushback-ms: ${millis}\r\n`;
      response.writeHead(200, { "content-type": "application/grpc-web+proto" }).end(trailers(lines));
    },
  });
  const server = await startFaulty({ folder: "", answers: { later: refusing(120), never: refusing(-1), late: refusing(60_000) } });
  try {
    const read = async (name, options) => {
      refusals = 0;
      const connection = await connect(`${server.url}/${name}`, { retry: { retries: 3, delayMs: 1, backoff: 1 } });
      const begun = performance.now();
      const outcome = await connection.streamFromUuid(stream.uuid).values(0n, 10n, options).collect().then(
        ({ time }) => time.length,
        ({ code }) => code,
      );
      return { outcome, refusals, took: performance.now() - begun };
    };
    const later = await read("later");
    assert.ok(later.outcome === 1 && later.took >= 119, JSON.stringify(later));
    assert.deepEqual((({ took: _, ...rest }) => rest)(await read("never")), { outcome: "UNAVAILABLE", refusals: 1 });
    const late = await read("late", { timeoutMs: 200 });
    assert.ok(late.outcome === "DEADLINE_EXCEEDED" && late.took < 10_000, JSON.stringify(late));
  } finally {
    await server.stop();
  }
});
