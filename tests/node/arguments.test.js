// What is not an argument: said before anything is asked, and without harm to what is under way.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Connection, Stream, StreamSet, connect } from "btrdb-web";

import { SECOND, START, fixture, ramp } from "./lib/fixture.js";

const INVALID_TYPE = { name: "BTRDBTypeError", code: "INVALID_TYPE" };
const at = (place) => START + BigInt(place) * SECOND;
/** One connection that reads here, and one that reads in a worker. */
const connections = [];
const uuids = [];

const shared = fixture(async ({ connection, server }) => {
  for (const name of ["one", "two"]) uuids.push((await ramp(connection, name, 3, { collection: "arguments" })).uuid);
  connections.push(connection, await connect(server.url, { worker: true }));
});
after(() => connections[1]?.close());

test("what is no text is refused by the name of the argument, and no call under way is lost", async () => {
  const big = await ramp(shared.connection, "under way", 100_000);
  for (const connection of connections) {
    const stream = connection.streamFromUuid(uuids[0]);
    const set = await connection.streams(uuids);
    const loop = connection.streamFromUuid(big.uuid).values()[Symbol.asyncIterator]();
    await loop.next();
    const id = crypto.randomUUID();
    const { url } = shared.server;
    for (const [name, call] of [
      ...[5, {}, stream, new URL(url), undefined, null].map((it) => ["uuid", () => connection.streamFromUuid(it)]),
      ["uuid", () => connection.create(5, "arguments")],
      ["collection", () => connection.create(id, 5)],
      ["an identifier", () => connection.streams(5)],
      ["an identifier", () => connection.streams([null])],
      ["collection", () => connection.streamsInCollection({})],
      ["prefix", () => connection.listCollections({})],
      ["prefix", () => connection.listUniqueNames(5)],
      ["prefix", () => connection.listUniqueUnits(5)],
      ["prefix", () => connection.listUniqueAnnotations(5)],
      ["prefix", () => connection.collectionMetadata(null)],
      ["statement", () => connection.query({})],
      ["merge", () => stream.insert([[at(0), 0]], { merge: 5 })],
      ["merge", () => stream.arrowInsert(new Uint8Array(), { merge: 5 })],
      ["merge", () => set.insert({}, { merge: 5 })],
      ["merge", () => set.arrowInsert({}, { merge: 5 })],
      ["collection", () => stream.update({ collection: 5 })],
      ["agg", () => set.toArray({ agg: 5 })],
      ["agg", () => set.toSeries({ agg: 5 })],
      ["agg", () => set.toColumns({ agg: [5] })],
      ["a name", () => set.toArrowTable({ name: () => undefined })],
      ["a name", () => set.toSeries({ name: () => 5 })],
      ["lineEnd", () => set.toCsv({ lineEnd: 5 })],
      ["delimiter", () => set.toCsv({ delimiter: 5 })],
      ["unit", () => set.filter({ unit: 5 })],
      ["a uuid", () => set.pinVersions(new Map([[5, 5n]]))],
      ["endpoint", () => connect(5)],
      ["endpoint", () => connect({ profiles: { default: { endpoint: 5 } } })],
      ["apiKey", () => connect(url, { apiKey: 5 })],
      ["clientName", () => connect(url, { clientName: 5 })],
      ["endpoint", () => Connection.fromHandle({})],
      ["apiKey", () => Connection.fromHandle(connection.handle, { apiKey: 5 })],
      ["uuid", () => Stream.fromHandle({ ...stream.handle, uuid: 5 })],
    ]) {
      const message = new RegExp(`^${name}: a string is needed, not `);
      await assert.rejects(async () => call(), { ...INVALID_TYPE, message }, String(call));
    }
    assert.equal((await loop.next()).done, false);
    await loop.return();
  }
});

test("what is no object is no object without fields, and what is no bytes no bytes", async () => {
  const [{ connection }, id] = [shared, crypto.randomUUID()];
  const stream = connection.streamFromUuid(uuids[0]);
  const set = await connection.streams(uuids);
  for (const [message, call] of [
    [/^tags: an object is needed, not Number/, () => connection.create(id, "arguments", 5)],
    [/^tags: .* not Array/, () => connection.create(id, "arguments", ["name"])],
    [/^annotations: .* not Map/, () => connection.create(id, "arguments", {}, new Map([["a", "b"]]))],
    [/^tags/, () => connection.streamsInCollection("arguments", { tags: "name" })],
    [/^annotations/, () => connection.streamsInCollection("arguments", { annotations: 5 })],
    [/^tags/, () => stream.update({ tags: "name" })],
    [/^tags/, () => set.filter({ tags: 5 })],
    [/^points/, () => set.insert(5)],
    [/^versions/, () => set.pinVersions(5)],
    [/^ipc: a Uint8Array is needed, not ArrayBuffer/, () => stream.arrowInsert(new ArrayBuffer(8))],
    [/^ipc: .* not Object/, async () => stream.arrowInsert(await stream.arrowValues())],
    [/^ipc/, () => set.arrowInsert({ [uuids[0]]: "abc" })],
    [/^schema/, () => stream.arrowValues(at(0), at(1), { schema: new ArrayBuffer(8) })],
    [/^schema/, () => set.filter({ start: at(0), schema: "abc" })],
    [/streams/, () => new StreamSet(uuids)],
  ]) {
    await assert.rejects(async () => call(), { ...INVALID_TYPE, message }, String(call));
  }
  assert.equal(await connection.streamFromUuid(id).exists(), false);
  assert.equal((await (await connection.create(id, "arguments/null", null, null)).descriptor()).collection, "arguments/null");
});

test("versions are whole numbers of 64 bits wherever they are given", async () => {
  const { connection } = shared;
  const stream = connection.streamFromUuid(uuids[0]);
  const set = new StreamSet([stream]);
  const tail = (since) => stream.tail({ since })[Symbol.asyncIterator]().next();
  for (const call of [(version) => set.pinVersions({ [stream.uuid]: version }), tail]) {
    for (const version of [-1n, 2n ** 64n + 10n, 0.5]) await assert.rejects(call(version), { code: "INVALID_VALUE" });
    await assert.rejects(call("10"), INVALID_TYPE);
  }
  const version = await stream.version();
  assert.deepEqual(await (await set.pinVersions({ [stream.uuid]: Number(version) })).versions(), new Map([[stream.uuid, version]]));
});

test("a missing width is no width of 1", async () => {
  const set = await shared.connection.streams(uuids);
  assert.throws(() => set.alignedWindows(), { code: "INVALID_POINT_WIDTH" });
  assert.throws(() => set.windows(), INVALID_TYPE);
});

test("between values of CSV stands one character", async () => {
  const set = await shared.connection.streams(uuids);
  for (const delimiter of ["", "||", "\0", "\n", '"', "§", "😀"]) {
    await assert.rejects(set.toCsv({ delimiter }), { code: "INVALID_VALUE", message: /delimiter/ });
  }
  assert.match(await set.toCsv({ delimiter: "|" }), /^time\|arguments\/one\|/);
});
