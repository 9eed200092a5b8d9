// How requests are made: whose key they carry, and who sees them.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { BTRDBValueError, BTrDBError, Connection, Stream, Unauthenticated, Unavailable, connect } from "btrdb-web";

import { GRPC_WEB, inChunks, sound, startFaulty } from "../e2e/lib/faulty.js";
import { startServer } from "../e2e/lib/server.js";
import { frame, info, points, trailers } from "../e2e/lib/wire.js";
import { START, fixture, ramp, watchRequests } from "./lib/fixture.js";

const SECRET = "T0ken";

let stream;
const shared = fixture(async ({ connection }) => {
  stream = await ramp(connection, "seen", 100_000);
});

let folder;
let guarded;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "btrdb-keys-"));
  writeFileSync(join(folder, "keys"), `${SECRET}\n`);
  guarded = await startServer({ data: join(folder, "data"), extra: ["--api-keys", join(folder, "keys")] });
});
after(async () => {
  await guarded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const failure = (promise) => promise.then(() => assert.fail("no error"), (error) => error);

test("a function gives the key, asked once until it is refused, then once more for all who wait", async () => {
  let keys = [SECRET];
  let asked = 0;
  const apiKey = async () => {
    asked += 1;
    await new Promise((done) => setTimeout(done, 5));
    return keys.length > 1 ? keys.shift() : keys[0];
  };
  const connection = await connect(guarded.url, { apiKey });
  await Promise.all([connection.info(), connection.info()]);
  assert.equal(asked, 1);
  // The next connection begins with one that has expired.
  keys = ["expired", SECRET];
  asked = 0;
  const requests = [];
  const renewing = Connection.fromHandle(connection.handle, {
    apiKey,
    fetch: (url, init) => {
      requests.push({ url, key: init.headers.get("authorization") });
      return fetch(url, init);
    },
  });
  await Promise.all(Array.from({ length: 5 }, () => renewing.listCollections()));
  assert.equal(asked, 2);
  assert.equal(requests.length, 10);
  assert.ok(requests.every(({ url }) => !url.includes(SECRET)));
  assert.equal(requests.filter(({ key }) => key === `Bearer ${SECRET}`).length, 5);
  const { connection: handle } = renewing.streamFromUuid(stream.uuid).handle;
  assert.ok(!JSON.stringify(handle).includes(SECRET) && handle.apiKey === undefined);
  assert.deepEqual(structuredClone(handle), handle);
});

test("a key that is refused twice is the caller's to know, without the key", async () => {
  let asked = 0;
  const apiKey = () => `wrong${(asked += 1)}`;
  const error = await failure(connect(guarded.url, { apiKey, retry: { retries: 3, delayMs: 1 } }));
  assert.ok(error instanceof Unauthenticated);
  assert.equal(asked, 2);
  assert.ok(!/wrong/.test(JSON.stringify(error)) && !/wrong/.test(error.stack));
  const broken = await failure(connect(guarded.url, { apiKey: () => Promise.reject(new Error("signed out")) }));
  assert.ok(broken instanceof Unauthenticated);
  assert.match(broken.message, /signed out/);
});

test("a refusal is seen in headers, in what HTTP says and at the end of an answer", async () => {
  const refusals = {
    "in-headers": (response) => response.writeHead(200, { ...GRPC_WEB, "grpc-status": "16" }).end(),
    "in-http": (response) => response.writeHead(401, { "content-type": "text/plain" }).end("who?"),
    "in-trailers": (response) => inChunks(response, [...trailers("grpc-status:16\r\n")].map((byte) => Buffer.of(byte))),
  };
  const answer = (refuse) => ({
    answer: (response, { headers }) =>
      headers.authorization === `Bearer ${SECRET}` ? sound(response, frame(points([1, 2]))) : refuse(response),
  });
  const answers = Object.fromEntries(Object.entries(refusals).map(([name, refuse]) => [name, answer(refuse)]));
  const server = await startFaulty({ folder: "", answers });
  try {
    for (const name of Object.keys(refusals)) {
      const keys = ["expired", SECRET];
      const connection = await connect(`${server.url}/${name}`, { apiKey: () => keys.shift() });
      const { time } = await connection.streamFromUuid(stream.uuid).values(0n, 10n);
      assert.deepEqual([...time], [1n, 2n], name);
    }
  } finally {
    await server.stop();
  }
});

test("a stream from a handle gets its key from a function, too", async () => {
  const connection = await connect(guarded.url, { apiKey: SECRET });
  const made = await connection.create(crypto.randomUUID(), "keys", { name: "x" });
  assert.equal(made.handle.connection.apiKey, SECRET);
  const { connection: { apiKey: _, ...open }, uuid } = made.handle;
  assert.ok((await failure(Stream.fromHandle({ uuid, connection: open }).version())) instanceof Unauthenticated);
  assert.ok((await Stream.fromHandle({ uuid, connection: open }, { apiKey: () => SECRET }).version()) > 0n);
});

test("each request is seen before and after, without its key", async () => {
  const seen = [];
  const intercept = async (call) => {
    call.headers.set("x-trace", "42");
    const entry = { ...call, names: [...call.headers.keys()] };
    seen.push(entry);
    return (report) => Object.assign(entry, { report });
  };
  const watched = watchRequests();
  const sent = [];
  try {
    const inner = globalThis.fetch;
    globalThis.fetch = (url, init) => {
      sent.push({ trace: init.headers.get("x-trace"), key: init.headers.get("authorization") });
      return inner(url, init);
    };
    const connection = await connect(shared.server.url, { apiKey: SECRET, intercept });
    const reading = connection.streamFromUuid(stream.uuid);
    await reading.values();
    for await (const _ of reading.values()) break;
    await failure(connection.streamFromUuid("00000000-0000-4000-8000-000000000001").version());
  } finally {
    watched.restore();
  }
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual(seen.map(({ call }) => call), ["Info", "ArrowRawValues", "ArrowRawValues", "StreamInfo"]);
  assert.ok(sent.every(({ trace, key }) => trace === "42" && key === `Bearer ${SECRET}`));
  assert.ok(seen.every(({ names, url }) => names.includes("x-trace") && !names.includes("authorization") && url.startsWith(shared.server.url)));
  const [info, all, left, absent] = seen.map(({ report }) => report);
  assert.deepEqual([info.httpStatus, info.grpcStatus], [200, 0]);
  assert.ok(seen[0].bytesUp === 5 && seen[1].bytesUp > 20);
  // 16 bytes a point, and what is around them.
  assert.ok(all.grpcStatus === 0 && all.bytesDown > 1_600_000 && all.bytesDown < 1_700_000, `${all.bytesDown} bytes`);
  assert.ok(all.headersMs > 0 && all.headersMs < all.totalMs && all.totalMs < 10_000);
  assert.ok(left.grpcStatus === undefined && left.bytesDown < all.bytesDown);
  // What BTrDB says of it is in the answer itself.
  assert.equal(absent.grpcStatus, 0);
});

test("a fetch that gives no answers, or answers that cannot be read, fails the call and nothing else", async () => {
  const failing = (fetch) => failure(connect(shared.server.url, { fetch, retry: { retries: 0 } }));
  const none = await failing(async () => undefined);
  assert.match(none.message, /fetch gave no Response/);
  assert.equal(none.retryable, false);
  const answer = (read) => async (...asked) => {
    const { status, headers } = await fetch(...asked);
    return { status, headers, body: { getReader: () => ({ read }) } };
  };
  const unreadable = [() => undefined, async () => undefined, () => assert.fail("unreadable")];
  for (const read of unreadable) assert.ok((await failing(answer(read))) instanceof Unavailable);
  const connection = await connect(shared.server.url);
  assert.equal((await connection.info()).majorVersion, 5);
  connection.close();
});

test("what intercept throws is the caller's fault, and not made again", async () => {
  const mine = new TypeError("a fault of mine");
  for (const thrower of [() => { throw mine; }, () => Promise.reject(mine)]) {
    let asked = 0;
    const intercept = (call) => {
      asked += 1;
      return thrower(call);
    };
    const error = await failure(connect(shared.server.url, { intercept, retry: { retries: 3, delayMs: 1 } }));
    assert.ok(error instanceof BTrDBError && !(error instanceof Unavailable) && !error.retryable);
    assert.match(error.message, /intercept failed.*a fault of mine/);
    assert.deepEqual([error.cause, error.call, error.grpcCode, asked], [mine, "Info", undefined, 1]);
  }
});

test("a key that no header can hold is refused before it is sent", async () => {
  for (const key of ["日本", "a\nb"]) {
    let asked = 0;
    const apiKey = () => {
      asked += 1;
      return key;
    };
    const error = await failure(connect(shared.server.url, { apiKey, retry: { retries: 3, delayMs: 1 } }));
    assert.ok(error instanceof BTRDBValueError && !error.retryable);
    assert.ok(!JSON.stringify(error).includes(key));
    assert.equal(asked, 1);
  }
});

test("a request that nobody answers, or that is refused, is reported as that", async () => {
  const reports = [];
  const intercept = () => (report) => void reports.push(report);
  assert.ok((await failure(connect("127.0.0.1:1", { intercept }))) instanceof Unavailable);
  await failure(connect(guarded.url, { intercept }));
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual([reports[0].httpStatus, reports[0].grpcStatus, reports[0].headersMs], [undefined, undefined, undefined]);
  assert.equal(reports[1].grpcStatus, 16);
});

test("another fetch makes the requests", async () => {
  const urls = [];
  const connection = await connect("http://somewhere.example:1", {
    fetch: (url, init) => {
      urls.push(url);
      return fetch(url.replace("http://somewhere.example:1", shared.server.url), init);
    },
  });
  assert.equal((await connection.streamFromUuid(stream.uuid).earliest()).time, START);
  assert.ok(urls.length >= 2 && urls.every((url) => url.startsWith("http://somewhere.example:1/v5api.BTrDB/")));
});

test("a long read of what is at hand lets the thread do other things meanwhile", async () => {
  const message = frame(points(Array.from({ length: 20_000 }, (_, time) => time)));
  const MESSAGES = 200;
  const connection = await connect("http://somewhere.example:1", {
    fetch: async (url) => {
      if (url.endsWith("/Info")) return new Response(Buffer.concat([frame(info()), trailers()]), { headers: GRPC_WEB });
      let sent = 0;
      const pull = (controller) => {
        sent += 1;
        controller.enqueue(sent > MESSAGES ? trailers() : message);
        if (sent > MESSAGES) controller.close();
      };
      return new Response(new ReadableStream({ pull }), { headers: GRPC_WEB });
    },
  });
  const read = connection.streamFromUuid(stream.uuid);
  for (const inParts of [false, true]) {
    let [rows, ticks] = [0, 0];
    const timer = setInterval(() => (ticks += 1), 1);
    if (inParts) for await (const { time } of read.values(0n, 1_000n)) rows += time.length;
    else rows = (await read.values(0n, 1_000n)).time.length;
    clearInterval(timer);
    assert.equal(rows, MESSAGES * 20_000);
    assert.ok(ticks >= 2, `${ticks} turns while ${rows} rows were read`);
  }
});
