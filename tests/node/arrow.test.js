// Tables as Arrow IPC bytes, which the Arrow libraries of JavaScript take as they are.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

import * as flechette from "@uwdata/flechette";
import { tableFromIPC } from "apache-arrow";
import { fromArrow } from "arquero";

import { SECOND, START, fixture, ramp } from "./lib/fixture.js";

const require = createRequire(import.meta.url);

const shared = fixture(async (shared) => {
  const streams = [await ramp(shared.connection, "a", 5), await ramp(shared.connection, "b", 3)];
  const set = await shared.connection.streams(streams.map(({ uuid }) => uuid));
  shared.points = await set.toArrowTable();
  const four = await set.filter({ start: START, end: START + 4n * SECOND });
  shared.windows = await four.windows(2n * SECOND).toArrowTable({ agg: ["mean", "count"] });
});

const TIMES = [0n, 1n, 2n, 3n, 4n].map((second) => START + second * SECOND);
const NAMES = ["a", "b"].map((name) => `test/ramp/${name}`);
const WINDOW_NAMES = NAMES.flatMap((name) => [`${name}/mean`, `${name}/count`]);

/** The numbers of a column, those that are absent or not a number as `undefined`. */
const numbers = (column) => [...column].map((value) => (value === null || Number.isNaN(value) ? undefined : value));

test("apache-arrow reads points and windows", () => {
  const table = tableFromIPC(shared.points);
  assert.deepEqual(table.schema.fields.map(String).slice(0, 1), ["time: Timestamp<NANOSECOND, UTC>"]);
  assert.deepEqual([...table.getChild("time").data[0].values], TIMES);
  assert.deepEqual(numbers(table.getChild(NAMES[1])), [0, 1, 2, undefined, undefined]);
  const windows = tableFromIPC(shared.windows);
  assert.deepEqual(windows.schema.names, ["time", ...WINDOW_NAMES]);
  assert.deepEqual([...windows.getChild(WINDOW_NAMES[1])], [2n, 2n]);
  assert.deepEqual([...windows.getChild(WINDOW_NAMES[3])], [2n, 1n]);
});

test("flechette reads points and windows", () => {
  const table = flechette.tableFromIPC(shared.points, { useBigInt: true });
  assert.deepEqual(table.names, ["time", ...NAMES]);
  assert.deepEqual(numbers(table.getChild(NAMES[1])), [0, 1, 2, undefined, undefined]);
  const windows = flechette.tableFromIPC(shared.windows, { useBigInt: true });
  assert.deepEqual([...windows.getChild(WINDOW_NAMES[0])], [0.5, 2.5]);
  assert.deepEqual([...windows.getChild(WINDOW_NAMES[3])], [2n, 1n]);
});

test("arquero takes a table and counts on with it", () => {
  const table = fromArrow(shared.points);
  assert.deepEqual(table.columnNames(), ["time", ...NAMES]);
  assert.deepEqual(table.rename({ [NAMES[0]]: "a" }).rollup({ sum: "op.sum(d.a)" }).get("sum"), 10);
});

test("DuckDB takes a table and queries it", async () => {
  const entry = "@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs";
  const { createDuckDB, NODE_RUNTIME, VoidLogger } = require(entry);
  const of = (name) => ({ mainModule: join(dirname(require.resolve(entry)), name), mainWorker: "" });
  const bundles = { mvp: of("duckdb-mvp.wasm"), eh: of("duckdb-eh.wasm") };
  const database = await createDuckDB(bundles, new VoidLogger(), NODE_RUNTIME);
  await database.instantiate(() => {});
  const connection = database.connect();
  connection.insertArrowFromIPCStream(shared.points, { name: "points" });
  const sql = `select count(*) found, max(epoch_ns(time)) latest, sum("${NAMES[0]}") total from points`;
  const { found, latest, total } = connection.query(sql).get(0);
  assert.deepEqual([found, latest, total], [5n, TIMES.at(-1), 10]);
});
