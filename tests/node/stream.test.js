// Writing a stream and reading it again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, points, stats } from "btrdb-web";

import { ABSENT, SECOND, START, fixture, ramp } from "./lib/fixture.js";

const shared = fixture();
const at = (place) => START + BigInt(place) * SECOND;

test("what is inserted in any form is read in order", async () => {
  const stream = await ramp(shared.connection, "forms", 0);
  assert.equal(await stream.insert([]), 0n);
  await stream.insert([{ time: at(3), value: 3 }, [at(1), 1]]);
  await stream.insert({ time: ["2017-07-14T02:40:02Z", new Date(1_500_000_000_000)], value: [2, 0] });
  await stream.insert({ time: BigInt64Array.of(at(4)), value: Float64Array.of(4) });
  const version = await stream.insert([{ time: { epochNanoseconds: at(5) }, value: 5 }]);
  assert.equal(version, await stream.version());
  const read = await stream.values();
  assert.equal(read.version, version);
  assert.deepEqual(read.time, BigInt64Array.from({ length: 6 }, (_, place) => at(place)));
  assert.deepEqual(read.value, Float64Array.of(0, 1, 2, 3, 4, 5));
  assert.deepEqual([...points(await stream.values(at(1), at(3)))], [{ time: at(1), value: 1 }, { time: at(2), value: 2 }]);
  assert.deepEqual((await stream.values(undefined, at(1), { version: 11n })).value, new Float64Array());
  assert.equal(await stream.flush(), version);
});

test("merge policies reach the server", async () => {
  for (const [merge, expected] of [
    ["never", [1, 2]],
    ["equal", [1, 2]],
    ["retain", [1]],
    ["replace", [2]],
  ]) {
    const stream = await ramp(shared.connection, merge, 0);
    await stream.insert([{ time: START, value: 1 }], { merge });
    await stream.insert([{ time: START, value: 2 }], { merge });
    assert.deepEqual([...(await stream.values()).value].sort(), expected, merge);
  }
  const stream = await ramp(shared.connection, "odd", 0);
  await assert.rejects(stream.insert([{ time: START, value: 1 }], { merge: "sometimes" }), { code: "INVALID_VALUE" });
});

test("windows are those of the manual", async () => {
  const stream = await ramp(shared.connection, "windows", 10);
  const windows = await stream.windows(at(0), at(9), 3n * SECOND);
  assert.deepEqual(windows.time, BigInt64Array.of(at(0), at(3), at(6)));
  assert.deepEqual([...windows.count], [3n, 3n, 3n]);
  assert.deepEqual([[...windows.min], [...windows.mean], [...windows.max]], [[0, 3, 6], [1, 4, 7], [2, 5, 8]]);
  assert.ok(windows.stddev.every((value) => Math.abs(value - Math.sqrt(2 / 3)) < 1e-12));
  const [first] = points(windows);
  assert.deepEqual([first.time, first.count, first.mean], [at(0), 3n, 1]);
  const aligned = await stream.alignedWindows(at(0), at(10), 33);
  assert.ok(aligned.time.every((time) => time % (1n << 33n) === 0n));
  assert.ok(aligned.count.reduce((sum, count) => sum + count) <= 10n);
});

test("aligned windows reach to the end of all time", async () => {
  const stream = await ramp(shared.connection, "all of time", 10);
  await stream.insert([[(3n << 60n) - 2n, 10]]);
  for (const pointWidth of [62, 61, 60, 30]) {
    const { count } = await stream.alignedWindows(undefined, undefined, pointWidth);
    assert.equal(count.reduce((sum, count) => sum + count, 0n), 11n, `2^${pointWidth}`);
  }
  assert.equal((await stream.alignedWindows(undefined, undefined, 62)).count.length, 1);
  assert.ok((await stream.arrowAlignedWindows(undefined, undefined, 62)).ipc.length > 0);
  const set = await shared.connection.streams(stream.uuid);
  const [whole] = await (await set.filter({ end: 3n << 60n })).alignedWindows(62).values();
  assert.deepEqual([...whole.count], [11n]);
});

test("what is awaited is what the batches hold together, in memory of no more than that", async () => {
  const stream = await ramp(shared.connection, "joined", 0);
  const there = Array.from({ length: 80_000 }, (_, place) => place).filter((place) => place < 40_000 || place > 45_000);
  await stream.insert({ time: there.map(at), value: there });
  const [start, end] = [at(-10), at(80_010)];
  for (const [what, read] of [
    ["points", () => stream.values()],
    ["windows", () => stream.windows(start, end, SECOND)],
    ["windows without a gap", () => stream.windows(at(0), at(40_000), SECOND)],
    ["aligned windows", () => stream.alignedWindows(start, end, 30)],
    ["aligned windows, who knows how many", () => stream.alignedWindows(undefined, undefined, 30)],
    ["no windows", () => stream.alignedWindows(end, at(90_000), 30)],
  ]) {
    const { version, ...columns } = await read();
    const batches = [];
    for await (const batch of read()) batches.push(batch);
    assert.ok(batches.length > 1 || what === "no windows", what);
    assert.equal(version, await stream.version(), what);
    for (const [name, column] of Object.entries(columns)) {
      const parts = batches.flatMap((batch) => [...batch[name]]);
      assert.deepEqual(column, column.constructor.from(parts), `${name} of ${what}`);
      assert.equal(column.buffer.byteLength, column.byteLength, `${name} of ${what}`);
    }
  }
});

test("columns are JavaScript's own: they outlive the module's memory and the connection, and can be handed over", async () => {
  for (const arrow of [true, false]) {
    const connection = await connect(shared.server.url, { arrow });
    const stream = await ramp(connection, `owned ${arrow}`, 200_000);
    const reads = [await stream.values(START, START + 1_000n * SECOND), await stream.alignedWindows(undefined, undefined, 36)];
    const { value: batch } = await stream.values()[Symbol.asyncIterator]().next();
    const known = structuredClone([...reads, batch]);
    const before = stats().memoryBytes;
    // What is larger than the module's memory makes that grow: all views of it would be gone.
    await assert.rejects(stream.arrowInsert(new Uint8Array(before)), { code: "INVALID_VALUE" });
    assert.ok(stats().memoryBytes > before, "it has not grown");
    connection.close();
    assert.deepEqual([...reads, batch], known);
    for (const columns of [...reads, batch]) {
      const arrays = Object.values(columns).filter(ArrayBuffer.isView);
      const moved = structuredClone(columns, { transfer: [...new Set(arrays.map(({ buffer }) => buffer))] });
      assert.ok(moved.time.length > 0 && arrays.every(({ byteLength }) => byteLength === 0));
    }
  }
});

test("points are counted and found", async () => {
  const stream = await ramp(shared.connection, "counted", 100);
  assert.equal(await stream.count(), 100n);
  assert.equal(await stream.count(at(10), at(20), { precise: true }), 10n);
  assert.equal(typeof (await stream.count(at(0), at(100), { pointWidth: 30 })), "bigint");
  assert.equal((await stream.earliest()).time, at(0));
  assert.deepEqual(await stream.latest(), { version: await stream.version(), time: at(99), value: 99 });
  assert.equal((await stream.current()).time, at(99));
  assert.equal((await stream.nearest(at(5) + 1n)).time, at(6));
  assert.equal((await stream.nearest(at(5), { backward: true })).time, at(4));
  assert.equal(await stream.nearest(at(100)), undefined);
  assert.equal(await (await ramp(shared.connection, "empty", 0)).earliest(), undefined);
});

test("changes and deletes go by versions", async () => {
  const stream = await ramp(shared.connection, "changed", 10);
  const before = await stream.version();
  assert.equal(await stream.delete(at(2), at(4)), before + 1n);
  assert.equal((await stream.values()).time.length, 8);
  assert.equal((await stream.values(undefined, undefined, { version: before })).time.length, 10);
  const { version, ranges } = await stream.changes(before, 0n, 0);
  assert.equal(version, before + 1n);
  for (const time of [at(2), at(3)]) assert.ok(ranges.some(({ start, end }) => start <= time && time < end));
  await stream.obliterate();
  assert.equal(await stream.exists(), false);
});

test("updates change what is named and keep the rest", async () => {
  const stream = await ramp(shared.connection, "updated", 0, { unit: "volts" });
  await stream.update({ annotations: { keep: 1, drop: "x" } });
  const version = await stream.update({ tags: { name: "renamed" }, collection: "moved" });
  assert.equal((await stream.refreshMetadata()).propertyVersion, version);
  assert.deepEqual([await stream.name(), await stream.unit(), await stream.collection()], ["renamed", "volts", "moved"]);
  await stream.update({ annotations: { keep: [2] }, replace: true });
  assert.deepEqual(await stream.annotations(), { keep: [2] });
  await assert.rejects(stream.update({ tags: { unit: "amps" }, expectedVersion: 1 }), { btrdbCode: 423 });
  await assert.rejects(stream.update({}), { code: "INVALID_VALUE" });
});

test("reads stay Arrow and go in again", async () => {
  const stream = await ramp(shared.connection, "arrow", 10);
  const { ipc, version } = await stream.arrowValues(at(0), at(5));
  assert.equal(version, await stream.version());
  const copy = await ramp(shared.connection, "copy", 0);
  await copy.arrowInsert(ipc, { merge: "replace" });
  assert.deepEqual((await copy.values()).value, Float64Array.of(0, 1, 2, 3, 4));
  const windows = await stream.arrowWindows(at(0), at(10), 5n * SECOND);
  const aligned = await stream.arrowAlignedWindows(at(0), at(10), 33);
  for (const { ipc } of [windows, aligned]) assert.deepEqual([...ipc.subarray(0, 4)], [255, 255, 255, 255]);
  await assert.rejects(copy.arrowInsert(ipc.subarray(0, 100)), { code: "INVALID_VALUE" });
});

test("a tail tells of what is inserted and deleted", async () => {
  const stream = await ramp(shared.connection, "tail", 1);
  const since = await stream.version();
  await stream.insert([{ time: at(8), value: 8 }]);
  const told = [];
  for await (const event of stream.tail({ intervalMs: 10, since, start: START })) {
    told.push(event);
    if (event.type === "points" && event.value.includes(8)) setTimeout(() => stream.delete(at(8), at(9)), 20);
    if (event.type === "changed" && event.since > since) break;
  }
  assert.equal(told[0].type, "changed");
  assert.equal(told[0].since, since);
});

test("every form of a time is taken and every other refused", async () => {
  const stream = await ramp(shared.connection, "times", 3);
  for (const start of [at(1), "2017-07-14 02:40:01", new Date(1_500_000_001_000), { epochNanoseconds: at(1) }]) {
    assert.equal((await stream.values(start, at(9))).time.length, 2, String(start));
  }
  for (const [start, code] of [
    [1.5, "INVALID_VALUE"],
    [2 ** 60, "INVALID_VALUE"],
    ["yesterday", "INVALID_VALUE"],
    [2n ** 70n, "INVALID_VALUE"],
    [new Date(Number.NaN), "INVALID_VALUE"],
    [true, "INVALID_TYPE"],
    [{}, "INVALID_TYPE"],
  ]) {
    await assert.rejects(stream.values(start, at(9)).collect(), { code }, String(start));
  }
  await assert.rejects(stream.values(at(2), at(1)).collect(), { code: "INVALID_TIME_RANGE" });
  await assert.rejects(stream.alignedWindows(at(1), at(2), 64).collect(), { code: "INVALID_POINT_WIDTH" });
  await assert.rejects(shared.connection.streamFromUuid(ABSENT).version(), { code: "STREAM_NOT_FOUND" });
});
