// Connecting, and finding and making streams.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { Connection, Stream, connect } from "btrdb-web";

import { ABSENT, START, fixture, ramp } from "./lib/fixture.js";

const shared = fixture();

test("info tells a version that has the Arrow calls", async () => {
  const info = await shared.connection.info();
  assert.equal(info.majorVersion, 5);
  assert.ok(info.minorVersion >= 30, `minor version ${info.minorVersion}`);
  assert.ok(Array.isArray(info.proxyEndpoints));
});

test("streams are made and found with all that is known of them", async () => {
  const { connection } = shared;
  const uuid = crypto.randomUUID();
  const annotations = { phase: "A", ratio: 1.5, tags: ["x", "y"], big: 2n ** 60n };
  const made = await connection.create(uuid, "find/me", { name: "one", unit: "volts" }, annotations);
  assert.equal(made.uuid, uuid);
  const [found, ...others] = await connection.streamsInCollection("find/", { prefix: true, tags: { unit: "volts" } });
  assert.deepEqual(others, []);
  const descriptor = await found.descriptor();
  assert.equal(descriptor.collection, "find/me");
  assert.deepEqual(descriptor.annotations, { phase: "A", ratio: "1.5", tags: '["x","y"]', big: String(2n ** 60n) });
  assert.equal(descriptor.propertyVersion, 1);
  assert.deepEqual(await found.annotations(), { phase: "A", ratio: 1.5, tags: ["x", "y"], big: 2 ** 60 });
  assert.deepEqual([await found.name(), await found.unit(), await found.collection()], ["one", "volts", "find/me"]);
  assert.equal((await found.tags()).name, "one");
  assert.equal((await connection.streamsInCollection("find/me", { annotations: { phase: null } })).length, 1);
  assert.equal((await connection.streamsInCollection("find/me", { annotations: { phase: "B" } })).length, 0);
  assert.deepEqual(await connection.listCollections("find/"), ["find/me"]);
});

test("annotations keep all digits of integers, and else are what JSON.stringify writes", async () => {
  const big = 2n ** 64n + 1n;
  const plain = { text: 'a "b"\n', list: [1.5, null, true, [], {}, undefined, new Date(0)], none: undefined, "k\u2028": { NaN } };
  const made = await shared.connection.create(crypto.randomUUID(), "annotated", { name: "big" }, { plain, big: { of: [big, -1n] } });
  const { annotations } = await made.descriptor();
  assert.deepEqual(annotations, { plain: JSON.stringify(plain), big: `{"of":[${big},-1]}` });
});

test("streams are named by uuid and by path", async () => {
  const { connection } = shared;
  const [a, b] = [await ramp(connection, "a", 1, { collection: "by/path" }), await ramp(connection, "b", 1, { collection: "by/path" })];
  const set = await connection.streams(["by/path/b", a.uuid], { versions: [0n, 10n] });
  assert.deepEqual([...set].map(({ uuid }) => uuid), [b.uuid, a.uuid]);
  assert.equal((await set.versions()).get(a.uuid), 10n);
  assert.equal((await connection.streams("by/path/b")).at(0).uuid, b.uuid);
  await assert.rejects(connection.streams(["by/path/c"]), { code: "STREAM_NOT_FOUND" });
  await assert.rejects(connection.streams([]), { code: "INVALID_VALUE" });
  const one = connection.streamFromUuid(a.uuid);
  assert.equal(one.connection, connection);
  assert.equal(await one.exists(), true);
  assert.equal(await connection.streamFromUuid(ABSENT).exists(), false);
});

test("names and units and annotations in use are listed and counted", async () => {
  const { connection } = shared;
  await connection.create(crypto.randomUUID(), "listed/x", { name: "n1", unit: "amps" }, { owner: "me" });
  await connection.create(crypto.randomUUID(), "listed/y", { name: "n2", unit: "amps" });
  assert.deepEqual((await connection.listUniqueNames("listed/")).sort(), ["n1", "n2"]);
  assert.deepEqual(await connection.listUniqueUnits("listed/"), ["amps"]);
  assert.deepEqual(await connection.listUniqueAnnotations("listed/"), ["owner"]);
  const usage = await connection.collectionMetadata("listed/");
  assert.equal(usage.annotations.owner, 1);
  assert.ok("unit" in usage.tags);
  const rows = await connection.query("select name, unit from streams where collection = $1", ["listed/x"]);
  assert.deepEqual(rows, [{ name: "n1", unit: "amps" }]);
  await assert.rejects(connection.query("delete from streams"), { name: "BadSQLValue" });
});

test("what is known of a server and of its streams survives JSON and structuredClone", async () => {
  const { connection } = shared;
  const stream = await ramp(connection, "plain", 3);
  const known = [await connection.info(), await stream.descriptor(), await connection.collectionMetadata(), stream.handle];
  assert.deepEqual(JSON.parse(JSON.stringify(known)), JSON.parse(JSON.stringify(structuredClone(known))));
  assert.deepEqual(JSON.parse(JSON.stringify(known.slice(0, 3))), known.slice(0, 3));
});

test("handles make connections and streams again and ask nothing", async () => {
  const { connection, server } = shared;
  const stream = await ramp(connection, "handled", 3);
  const handle = structuredClone(connection.with({ timeoutMs: 60_000, resume: true }).handle);
  assert.equal(handle.endpoint, server.url);
  assert.deepEqual(JSON.parse(JSON.stringify(handle.calls)), { timeoutMs: 60_000, resume: true });
  assert.equal((await Connection.fromHandle(handle).info()).majorVersion, 5);
  const again = Stream.fromHandle(JSON.parse(JSON.stringify(stream.handle)));
  assert.deepEqual([...(await again.values()).value], [0, 1, 2]);
});

test("a stream posted to a worker is read there", async () => {
  const stream = await ramp(shared.connection, "posted", 5);
  const worker = new Worker(new URL("./lib/worker.js", import.meta.url), { workerData: stream.handle });
  const [answer] = await Promise.all([
    new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)),
    new Promise((resolve) => worker.once("exit", resolve)),
  ]);
  assert.deepEqual(answer.time, BigInt64Array.from({ length: 5 }, (_, place) => START + BigInt(place) * 1_000_000_000n));
  assert.equal(answer.error.code, "VERSION_NOT_AVAILABLE");
});

test("a closed connection says so and leaves its streams", async () => {
  const { uuid } = await ramp(shared.connection, "left", 1);
  for (const worker of [false, true]) {
    const connection = await connect(shared.server.url, { worker });
    const stream = connection.streamFromUuid(uuid);
    const set = await connection.streams(uuid);
    connection[Symbol.dispose]();
    await assert.rejects(connection.info(), { code: "INVALID_OPERATION" });
    assert.throws(() => connection.with({}), { code: "INVALID_OPERATION" });
    assert.equal(await stream.count(), 1n);
    const patient = stream.with({ timeoutMs: 60_000 });
    assert.deepEqual([await patient.count(), (await set.with({ timeoutMs: 60_000 }).values()).length], [1n, 1]);
    await assert.rejects(patient.connection.info(), { code: "INVALID_OPERATION" });
  }
});

test("other options change nothing that is answered", async () => {
  const { url } = shared.server;
  const stream = await ramp(shared.connection, "options", 2);
  for (const options of [{ gzip: true }, { arrow: false }, { clientName: "a test" }, { timeoutMs: 60_000 }]) {
    const connection = await connect({ endpoint: url, ...options });
    assert.equal((await connection.streamFromUuid(stream.uuid).values()).value.length, 2, JSON.stringify(options));
  }
});
