// The npm package in a page, without a bundler, against the real server with the real recordings.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import { startServer } from "./lib/server.js";

const HOUR = 3_600_000_000_000n;
const DAY = { start: 1_283_299_200_000_000_000n, end: 1_283_299_200_000_000_000n + 24n * HOUR };
const ABSENT = "00000000-0000-4000-8000-000000000001";

const WORKER = `
  import { Stream, init } from "/dist/index.js";
  onmessage = async ({ data }) => {
    await init();
    postMessage(await Stream.fromHandle(data).count(undefined, undefined, { precise: true }));
  };
`;

let folder;
let server;
let browser;
let page;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "btrdb-client-"));
  cpSync(process.env.BTRDB_NPM, folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>The client in a page</title>");
  writeFileSync(join(folder, "worker.js"), WORKER);
  server = await startServer({ app: folder });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate(async () => {
    const client = await import("/dist/index.js");
    const connection = await client.connect("/");
    const [stream] = await connection.streamsInCollection("seismic/ya/uv05", { tags: { name: "hhz" } });
    Object.assign(window, {
      client,
      connection,
      stream,
      // What a rejection is, in what can be carried out of the page.
      failure: async (promise) => {
        try {
          return { resolved: String(await promise) };
        } catch (error) {
          const { name, message, code, btrdbCode, grpcCode, retryable, cause } = error;
          return { isError: error instanceof Error, name, message, code, btrdbCode, grpcCode, retryable, cause };
        }
      },
    });
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("info tells a version that has the Arrow calls", async () => {
  const info = await page.evaluate(() => connection.info());
  assert.equal(info.majorVersion, 5);
  assert.ok(info.minorVersion >= 30, `minor version ${info.minorVersion}`);
});

test("collections and streams are found by prefix and tag", async () => {
  const found = await page.evaluate(async () => ({
    collections: await connection.listCollections("seismic/"),
    nowhere: await connection.listCollections("no such"),
    paths: await Promise.all(
      (await connection.streamsInCollection("seismic/", { prefix: true }))
        .map(async (stream) => `${await stream.collection()}/${await stream.name()}`),
    ),
    uuid: stream.uuid,
    descriptor: await stream.descriptor(),
  }));
  assert.deepEqual(found.collections.sort(), ["seismic/ya/uv05", "seismic/ya/uv06", "seismic/ya/uv10"]);
  assert.deepEqual(found.nowhere, []);
  assert.deepEqual(found.paths.sort(), ["seismic/ya/uv05/hhz", "seismic/ya/uv06/hhz", "seismic/ya/uv10/hhz"]);
  assert.match(found.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/);
  assert.equal(found.descriptor.tags.name, "hhz");
});

test("one window tells the whole day", async () => {
  const read = await page.evaluate(({ start, end }) => stream.windows(start, end, end - start), DAY);
  assert.deepEqual([...read.time], [DAY.start]);
  assert.deepEqual([...read.count], [8_640_000n]);
  assert.equal(read.max[0], 242_297);
  assert.equal(read.min[0], -212_863);
  assert.ok(Math.abs(read.mean[0] - 203.0591948) < 1e-6, `mean ${read.mean[0]}`);
});

test("raw points around the maximum, to the nanosecond", async () => {
  const peak = 1_283_326_416_040_000_000n;
  const range = { start: peak - 50_000_000n, end: peak + 50_000_000n };
  const read = await page.evaluate(({ start, end }) => stream.values(start, end), range);
  assert.deepEqual([...read.time], Array.from({ length: 10 }, (_, index) => range.start + BigInt(index) * 10_000_000n));
  assert.equal(read.value[read.time.indexOf(peak)], 242_297);
  assert.equal(Math.max(...read.value), 242_297);
});

test("aligned windows add up to the points they are made of", async () => {
  const { windows, raw } = await page.evaluate(async () => {
    const start = 1_283_326_400_000_000_000n;
    const windows = await stream.alignedWindows(start, start + 60_000_000_000n, 32);
    const end = windows.time.at(-1) + (1n << 32n);
    return { windows, raw: await stream.values(windows.time[0], end) };
  });
  assert.ok(windows.time.length >= 13);
  windows.time.forEach((time, index) => {
    assert.equal(time % (1n << 32n), 0n);
    const values = raw.value.filter((_, at) => raw.time[at] >= time && raw.time[at] < time + (1n << 32n));
    assert.equal(windows.count[index], BigInt(values.length));
    assert.equal(windows.min[index], Math.min(...values));
    assert.equal(windows.max[index], Math.max(...values));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(windows.mean[index] - mean) < 1e-6);
  });
});

test("nearest looks both ways and finds nothing beyond the ends", async () => {
  const found = await page.evaluate(
    async ({ start, end }) => ({
      first: await stream.nearest(start - 1n),
      last: await stream.nearest(end, { backward: true }),
      before: await stream.nearest(start, { backward: true }),
      after: await stream.nearest(end),
    }),
    DAY,
  );
  assert.equal(found.first.time, DAY.start);
  assert.equal(found.last.time, DAY.end - 10_000_000n);
  assert.equal(found.before, undefined);
  assert.equal(found.after, undefined);
});

test("an abort rejects with the signal's reason, and the request goes away", async () => {
  const isRead = (request) => request.url().includes("/v5api.BTrDB/");
  const [sent, failed] = ["request", "requestfailed"].map((event) => page.waitForEvent(event, isRead));
  await page.evaluate(({ start, end }) => {
    const controller = new AbortController();
    window.controller = controller;
    window.reading = failure(stream.values(start, end, { signal: controller.signal }));
  }, DAY);
  await sent;
  const outcome = await page.evaluate(() => {
    controller.abort("seen enough");
    return reading;
  });
  assert.equal(outcome.code, "CANCELLED");
  assert.equal(outcome.cause, "seen enough");
  assert.match((await failed).failure().errorText, /ABORTED/);
});

test("a signal that is aborted already sends nothing", async () => {
  const sent = [];
  const note = (request) => sent.push(request.url());
  page.on("request", note);
  const outcome = await page.evaluate(
    ({ start, end }) => failure(stream.values(start, end, { signal: AbortSignal.abort("too late") })),
    DAY,
  );
  page.off("request", note);
  assert.equal(outcome.cause, "too late");
  assert.deepEqual(sent, []);
});

test("failures are errors with codes", async () => {
  const failures = await page.evaluate(
    async ({ absent, start, end }) => ({
      absent: await failure(connection.streamFromUuid(absent).version()),
      reversed: await failure(stream.values(end, start)),
      float: await failure(stream.values(1.5, 2)),
      width: await failure(stream.alignedWindows(start, end, 64)),
      uuid: await failure((async () => connection.streamFromUuid("no uuid"))()),
      version: await failure(stream.values(start, start + 1n, { version: 1_000_000n })),
      nobody: await failure(client.connect("http://127.0.0.1:1")),
    }),
    { absent: ABSENT, ...DAY },
  );
  assert.ok(Object.values(failures).every(({ isError, message }) => isError && message.length > 0));
  assert.equal(failures.absent.name, "StreamNotFoundError");
  const codes = Object.fromEntries(Object.entries(failures).map(([name, { code }]) => [name, code]));
  assert.deepEqual(codes, {
    absent: "STREAM_NOT_FOUND",
    reversed: "INVALID_TIME_RANGE",
    float: "INVALID_VALUE",
    width: "INVALID_POINT_WIDTH",
    uuid: "INVALID_VALUE",
    version: "VERSION_NOT_AVAILABLE",
    nobody: "UNAVAILABLE",
  });
  assert.equal(failures.absent.btrdbCode, 404);
  assert.equal(failures.version.btrdbCode, 450);
  assert.equal(failures.nobody.retryable, true);
});

test("leaving a loop ends its request", async () => {
  const isRead = (request) => request.url().includes("RawValues");
  const failed = page.waitForEvent("requestfailed", isRead);
  const rows = await page.evaluate(async ({ start, end }) => {
    for await (const { time } of stream.values(start, end)) if (time.length > 0) return time.length;
  }, DAY);
  assert.ok(rows > 0 && rows < 8_640_000, `${rows} rows`);
  assert.match((await failed).failure().errorText, /ABORTED/);
});

test("errors survive structuredClone and JSON", async () => {
  const same = await page.evaluate(async (absent) => {
    const { BTrDBError, StreamNotFoundError, Cancelled } = client;
    const error = await connection.streamFromUuid(absent).version().catch((error) => error);
    const aborted = await connection.info({ signal: AbortSignal.abort("enough") }).catch((error) => error);
    const [clone, parsed] = [BTrDBError.from(structuredClone(error)), BTrDBError.from(JSON.parse(JSON.stringify(error)))];
    const again = BTrDBError.from(structuredClone(aborted));
    return {
      classes: [error, clone, parsed].map((error) => error instanceof StreamNotFoundError),
      details: new Set([error, clone, parsed].map((error) => JSON.stringify(error))).size,
      aborted: [again instanceof Cancelled, again.cause],
    };
  }, ABSENT);
  assert.deepEqual(same, { classes: [true, true, true], details: 1, aborted: [true, "enough"] });
});

test("a stream posted to a worker is read there", async () => {
  const count = await page.evaluate(async () => {
    const worker = new Worker("/worker.js", { type: "module" });
    const answered = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    worker.postMessage(stream.handle);
    try {
      return await answered;
    } finally {
      worker.terminate();
    }
  });
  assert.equal(count, 8_640_000n);
});

test("profiles are named in the page", async () => {
  const outcomes = await page.evaluate(async () => {
    const profiles = { default: { endpoint: "http://127.0.0.1:1" }, here: { endpoint: location.origin } };
    const outcome = (options) => client.connect(options).then(({ handle }) => handle.endpoint, ({ code }) => code);
    return [
      (await outcome({ profiles, profile: "here" })) === location.origin,
      await outcome({ profiles }),
      await outcome({ profiles, profile: "none" }),
      await outcome({ profile: "here" }),
      await outcome({}),
    ];
  });
  assert.deepEqual(outcomes, [true, "UNAVAILABLE", "PROFILE_NOT_FOUND", "CREDENTIALS_FILE_NOT_FOUND", "CONNECTION"]);
});
