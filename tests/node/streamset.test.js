// Several streams side by side.
import assert from "node:assert/strict";
import { test } from "node:test";

import { StreamSet, connect } from "btrdb-web";

import { ABSENT, SECOND, START, fixture, ramp } from "./lib/fixture.js";

const at = (place) => START + BigInt(place) * SECOND;
let a;
let b;
let set;

const shared = fixture(async ({ connection }) => {
  a = await ramp(connection, "A1", 4, { collection: "set/one", unit: "volts" });
  b = await ramp(connection, "B2", 0, { collection: "set/two", unit: "amps" });
  await b.insert([[at(1), 10], [at(3), 30], [at(5), 50]]);
  set = await connection.streams(["set/one/A1", "set/two/B2"]);
});

const uuids = (set) => [...set].map(({ uuid }) => uuid);

test("a set is a list of its streams", async () => {
  const made = new StreamSet([a, b]);
  assert.deepEqual(uuids(made), uuids(set));
  assert.deepEqual([made.length, made.at(-1), made.index(b.uuid), made.get(a.uuid)], [2, b, 1, a]);
  assert.deepEqual([made.at(2), made.index(ABSENT), made.get(ABSENT)], [undefined, -1, undefined]);
  assert.deepEqual(uuids(made.clone()), uuids(made));
  assert.throws(() => new StreamSet([]), { code: "INVALID_VALUE" });
  assert.throws(() => made.parallel(0), { code: "INVALID_VALUE" });
});

test("filters choose streams by text and expression and function", async () => {
  const of = async (filter) => uuids(await set.filter(filter));
  assert.deepEqual(await of({ name: "a1" }), [a.uuid], "either case");
  assert.deepEqual(await of({ name: /^[ab]\d$/i }), [a.uuid, b.uuid]);
  assert.deepEqual(await of({ name: /2/g }), [b.uuid]);
  assert.deepEqual(await of({ unit: (unit) => unit.startsWith("v") }), [a.uuid]);
  assert.deepEqual(await of({ collection: /two$/, unit: "AMPS" }), [b.uuid]);
  assert.deepEqual(await of({ tags: { unit: "volts" } }), [a.uuid]);
  assert.deepEqual(await of({ annotations: { no: "such" } }), []);
  const failure = new Error("mine");
  await assert.rejects(of({ name: () => { throw failure; } }), failure);
});

test("filters narrow the range", async () => {
  const narrow = await set.filter({ start: at(1), end: at(4) });
  assert.equal(await narrow.count({ precise: true }), 5n);
  assert.deepEqual((await narrow.earliest()).map(({ time }) => time), [at(1), at(1)]);
  assert.deepEqual((await narrow.latest()).map(({ value }) => value), [3, 30]);
  assert.deepEqual((await set.current()).map(({ value }) => value), [3, 50]);
  assert.equal(typeof (await set.count()), "bigint");
  assert.deepEqual(await (await set.filter({ start: at(9) })).earliest(), [undefined, undefined]);
  await assert.rejects(set.filter({ start: at(4), end: at(1) }), { code: "INVALID_TIME_RANGE" });
  const grid = await set.filter({ start: at(0), end: at(6), samplingFrequency: 1 });
  assert.equal((await grid.toColumns()).time.length, 5);
});

test("rows are merged by time", async () => {
  const [whole, other] = await set.values();
  assert.deepEqual([[...whole.value], [...other.value]], [[0, 1, 2, 3], [10, 30, 50]]);
  const rows = [];
  for await (const row of set.rows()) rows.push(row);
  assert.deepEqual(rows.map(({ time }) => time), [0, 1, 2, 3, 5].map(at));
  assert.deepEqual(rows.map(({ points }) => points.map((point) => point?.value)), [
    [0, undefined],
    [1, 10],
    [2, undefined],
    [3, 30],
    [undefined, 50],
  ]);
  const windows = (await set.filter({ start: at(0), end: at(6) })).windows(2n * SECOND);
  assert.equal(windows.allowWindow, false);
  assert.equal(set.allowWindow, true);
  assert.throws(() => windows.alignedWindows(30), { code: "INVALID_OPERATION" });
  const [first] = await windows.values();
  assert.deepEqual([...first.count], [2n, 2n, 0n].slice(0, first.count.length));
  for await (const { points } of windows.rows()) assert.equal(typeof points[0].count, "bigint");
  assert.equal((await set.alignedWindows(40).values()).length, 2);
});

test("more streams than calls at a time", async () => {
  const { connection } = shared;
  const streams = [];
  for (let place = 0; place < 7; place += 1) streams.push(await ramp(connection, `many${place}`, 3));
  const many = new StreamSet(streams).parallel(2);
  const seen = new Map();
  for await (const { stream, index, columns } of many.valuesIter()) {
    assert.equal(stream, streams[index]);
    seen.set(index, [...(seen.get(index) ?? []), ...columns.value]);
  }
  assert.deepEqual([...seen.values()], streams.map(() => [0, 1, 2]));
  let rows = 0;
  for await (const { points } of many.rows()) rows += points.length;
  assert.equal(rows, 21);
});

test("pinned versions hold for every read", async () => {
  const stream = await ramp(shared.connection, "pinned", 2);
  const one = new StreamSet([stream]);
  const pinned = await one.pinVersions();
  const before = await stream.version();
  await stream.insert([[at(9), 9]]);
  assert.deepEqual(await pinned.versions(), new Map([[stream.uuid, before]]));
  assert.deepEqual([await pinned.count({ precise: true }), await one.count({ precise: true })], [2n, 3n]);
  const given = await one.pinVersions({ [stream.uuid]: before });
  assert.deepEqual((await given.values())[0].value, Float64Array.of(0, 1));
  assert.equal((await one.versions()).get(stream.uuid), before + 1n);
});

test("inserts reach their streams", async () => {
  const [x, y] = [await ramp(shared.connection, "x", 0), await ramp(shared.connection, "y", 0)];
  const both = new StreamSet([x, y]);
  const versions = await both.insert(new Map([[x.uuid, [[at(0), 1]]], [y.uuid, { time: [at(0), at(1)], value: [2, 3] }]]));
  assert.equal(versions.get(y.uuid), await y.version());
  const { ipc } = await y.arrowValues();
  await both.arrowInsert({ [x.uuid]: ipc }, { merge: "replace" });
  assert.deepEqual((await x.values()).value, Float64Array.of(2, 3));
  await assert.rejects(both.insert({ [ABSENT]: [[at(0), 1]] }), { code: "INVALID_VALUE" });
});

test("inserts go in calls of as many points as asked for", async () => {
  const calls = [];
  const connection = await connect(shared.server.url, { intercept: ({ call }) => void calls.push(call) });
  const [x, y] = [await ramp(connection, "x in parts", 0), await ramp(connection, "y in parts", 0)];
  const both = new StreamSet([x, y]).parallel(1);
  const ramped = (count) => Array.from({ length: count }, (_, place) => [at(place), place]);
  calls.length = 0;
  const versions = await both.insert({ [x.uuid]: ramped(25), [y.uuid]: ramped(5) }, { pointsPerCall: 10 });
  assert.deepEqual(calls, ["ArrowInsert", "ArrowInsert", "ArrowInsert", "ArrowInsert"]);
  assert.deepEqual(versions, new Map([[x.uuid, await x.version()], [y.uuid, await y.version()]]));
  assert.deepEqual((await both.values()).map(({ value }) => value.length), [25, 5]);
  const bad = ramped(15).concat([[at(20), NaN]]);
  await assert.rejects(both.insert({ [x.uuid]: bad, [y.uuid]: ramped(9) }, { pointsPerCall: 10 }), (error) => {
    assert.deepEqual([error.code, error.stream, error.writtenSoFar?.points], ["BAD_VALUE", x.uuid, 10]);
    return true;
  });
  assert.equal(await y.version(), versions.get(y.uuid), "nothing after a failure");
  const given = { [x.uuid]: ramped(1), [ABSENT]: ramped(1) };
  calls.length = 0;
  await assert.rejects(both.insert(given, { pointsPerCall: 10 }), { code: "INVALID_VALUE", message: new RegExp(ABSENT) });
  assert.deepEqual(calls, []);
});

test("no two columns have one name", async () => {
  const tables = ["toDict", "toColumns", "toArrowTable", "toCsv", "toTable"];
  const refused = async (set, options, name) => {
    const message = `two columns called "${name}": give another \`name\``;
    for (const table of tables) await assert.rejects(set[table](options), { code: "INVALID_VALUE", message });
  };
  await refused(set, { name: () => "same" }, "same");
  await refused(set, { name: ({ uuid }) => (uuid === b.uuid ? "time" : uuid) }, "time");
  await refused(new StreamSet([a]), { name: () => "time" }, "time");
  const { connection } = shared;
  const twins = [];
  for (const unit of ["V", "A"]) twins.push(await ramp(connection, "twin", 1, { collection: "set/twins", unit }));
  await refused(new StreamSet(twins), {}, "set/twins/twin");
  for (const table of tables) await new StreamSet(twins)[table]({ name: ({ tags }) => tags.unit });
  assert.deepEqual((await new StreamSet(twins).toSeries()).map(({ name }) => name), ["set/twins/twin", "set/twins/twin"]);
  const worker = await connect(shared.server.url, { worker: true });
  await refused(await worker.streams(twins.map(({ uuid }) => uuid)), {}, "set/twins/twin");
  worker.close();
});

test("tables are columns and rows and text under names", async () => {
  const { time, columns } = await set.toColumns();
  assert.deepEqual([...time], [0, 1, 2, 3, 5].map(at));
  assert.deepEqual(columns.map(({ name }) => name), ["set/one/A1", "set/two/B2"]);
  assert.deepEqual(columns[1].values, Float64Array.of(NaN, 10, NaN, 30, 50));
  const name = ({ tags, collection }) => `${collection.at(-1)}:${tags.name}`;
  assert.deepEqual(await set.toDict({ name }), [
    { time: at(0), "e:A1": 0, "o:B2": null },
    { time: at(1), "e:A1": 1, "o:B2": 10 },
    { time: at(2), "e:A1": 2, "o:B2": null },
    { time: at(3), "e:A1": 3, "o:B2": 30 },
    { time: at(5), "e:A1": null, "o:B2": 50 },
  ]);
  const windows = (await set.filter({ start: at(0), end: at(4) })).windows(4n * SECOND);
  const agg = ["mean", "count"];
  const [record] = await windows.toDict({ agg });
  assert.deepEqual(record, {
    time: at(0),
    "set/one/A1-mean": 1.5,
    "set/one/A1-count": 4n,
    "set/two/B2-mean": 20,
    "set/two/B2-count": 2n,
  });
  assert.deepEqual((await windows.toColumns({ agg })).columns.map(({ name }) => name.split("/").at(-1)), [
    "mean",
    "count",
    "mean",
    "count",
  ]);
  assert.deepEqual(await windows.toArray({ agg: "count" }), [BigUint64Array.of(4n), BigUint64Array.of(2n)]);
  const [series] = await set.toSeries({ name });
  assert.deepEqual(series, { name: "e:A1", time: (await a.values()).time, values: Float64Array.of(0, 1, 2, 3) });
  assert.deepEqual(await set.toArray(), [Float64Array.of(0, 1, 2, 3), Float64Array.of(10, 30, 50)]);
  await assert.rejects(windows.toDict({ agg: "median" }), { code: "INVALID_VALUE" });
});

test("text is as the official client writes it", async () => {
  assert.equal(
    await set.toCsv({ name: ({ tags }) => tags.name, lineEnd: "\n" }),
    `time,A1,B2\n${at(0)},0.0,\n${at(1)},1.0,10.0\n${at(2)},2.0,\n${at(3)},3.0,30.0\n${at(5)},,50.0\n`,
  );
  const lines = [];
  for await (const line of set.csvLines({ delimiter: ";" })) lines.push(line);
  assert.equal(lines[0], "time;set/one/A1;set/two/B2\r\n");
  const [head, rule, first] = (await set.toTable()).split("\n");
  assert.match(head, /time\s+set\/one\/A1\s+set\/two\/B2/);
  assert.match(rule, /^[- ]+$/);
  assert.ok(first.includes(String(at(0))));
});

test("sets stay Arrow", async () => {
  const isIpc = (ipc) => ipc instanceof Uint8Array && ipc[0] === 255 && ipc.byteOffset === 0;
  assert.ok(isIpc(await set.arrowValues()));
  assert.ok(isIpc(await set.toArrowTable()));
  for await (const ipc of set.arrowValuesBatches()) assert.ok(isIpc(ipc));
  const copy = await ramp(shared.connection, "arrow copy", 0);
  await copy.arrowInsert(await new StreamSet([a]).arrowValues());
  assert.deepEqual((await copy.values()).value, Float64Array.of(0, 1, 2, 3));
});
