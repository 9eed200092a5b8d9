// The CSV holds what the streams hold, line by line, whatever the length.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { connect as connectTo, createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { connect } from "btrdb-web";

import { startServer } from "../e2e/lib/server.js";
import { recordings } from "./lib/folder.js";
import { EXAMPLES } from "./lib/pages.js";

const START = 1_283_326_200_000_000_000n;
const END = START + 60_000_000_000n;

let folder;
let server;

before(async () => {
  folder = recordings();
  server = await startServer({ data: folder.data });
});

after(async () => {
  await server?.stop();
  folder?.remove();
});

/** Runs the script; `flags` are Node's own. */
function run(args, flags = []) {
  const child = spawn(process.execPath, [...flags, join(EXAMPLES, "node/to-csv.js"), ...args], {
    env: { ...process.env, BTRDB_ENDPOINTS: server.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stderr.on("data", (text) => (said.err += text));
  return { child, said };
}

async function finished({ child, said }) {
  child.stdout.on("data", (text) => (said.out += text));
  const [code] = await once(child, "close");
  return { code, ...said };
}

test("every line is a row of points", async () => {
  const { code, out, err } = await finished(run(["seismic/", "--start", String(START), "--end", String(END)]));
  assert.equal(code, 0, err);
  const connection = await connect(server.url);
  const streams = await connection.streamsInCollection("seismic/", { prefix: true });
  const names = await Promise.all(streams.map(async (each) => `${await each.collection()}/${await each.name()}`));
  const columns = await Promise.all(streams.map((stream) => stream.values(START, END)));
  const rows = new Map();
  columns.forEach(({ time, value }, column) => {
    time.forEach((at, place) => {
      const row = rows.get(at) ?? streams.map(() => "");
      row[column] = String(value[place]);
      rows.set(at, row);
    });
  });
  const times = [...rows.keys()].sort((one, other) => (one < other ? -1 : 1));
  const lines = [["time", ...names], ...times.map((time) => [time, ...rows.get(time)])];
  const numbers = (line) => line.split(",").map((cell, at) => (at === 0 || cell === "" ? cell : String(Number(cell))));
  const [head, ...body] = out.trimEnd().split("\n");
  assert.equal(head, lines[0].join(","));
  assert.equal(body.length, 6000);
  assert.deepEqual(body.map(numbers), lines.slice(1).map((line) => line.map(String)));
});

test("windows become a row each", async () => {
  const range = ["--start", String(START), "--end", String(END)];
  const { code, out, err } = await finished(run(["seismic/ya/uv05", ...range, "--window", "10"]));
  assert.equal(code, 0, err);
  const [stream] = await (await connect(server.url)).streamsInCollection("seismic/ya/uv05");
  const { time, mean, count } = await stream.windows(START, END, 10_000_000_000n);
  const rows = out.trimEnd().split("\n").slice(1).map((line) => line.split(","));
  const told = rows.map(([at, mean, count]) => [BigInt(at), Number(mean), BigInt(count)]);
  assert.deepEqual(told, [...time].map((at, row) => [at, mean[row], count[row]]));
});

test("without a range all points are in a window", async () => {
  const { code, out, err } = await finished(run(["seismic/ya/uv06", "--window", "3600"]));
  assert.equal(code, 0, err);
  const [stream] = await (await connect(server.url)).streamsInCollection("seismic/ya/uv06");
  const { time } = await stream.earliest();
  // The second hour ends 10 ms after the last point, so that only the first is whole.
  assert.deepEqual(out.trimEnd().split("\n").slice(1).map((line) => BigInt(line.split(",")[0])), [time]);
});

test("an hour of three streams needs little memory", async () => {
  const out = join(folder.path, "hour.csv");
  const range = ["--start", "1283324400000000000", "--end", "1283328000000000000"];
  const { code, err } = await finished(run(["seismic/", ...range, "--out", out], ["--max-old-space-size=10"]));
  assert.equal(code, 0, err);
  assert.equal(readFileSync(out, "utf8").split("\n").length, 360_000 + 2);
  assert.ok(statSync(out).size > 10 * 2 ** 20, "the file is larger than the memory allowed");
});

test("a reader that pauses holds the server up", async () => {
  // Between the two, to count what the server has sent.
  let sent = 0;
  const between = createServer((from) => {
    const to = connectTo(server.port, "127.0.0.1").on("data", ({ length }) => (sent += length));
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) socket.on("error", () => {}).on("close", () => [from, to].forEach((end) => end.destroy()));
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  const running = run(["seismic/ya/uv05", "--server", `127.0.0.1:${between.address().port}`]);
  await once(running.child.stdout, "readable");
  await sleep(1000);
  const before = sent;
  await sleep(500);
  assert.equal(sent, before, "nothing is sent to a reader who waits");
  assert.ok(sent > 100_000 && sent < 40e6, `${sent} bytes of 138 million were sent`);

  running.child.stdout.destroy();
  const [code] = await once(running.child, "close");
  assert.equal(code, 0, running.said.err);
  between.close();
});

test("mistakes are said on the error output", async () => {
  for (const [args, status, text] of [
    [["--help"], 0, ""],
    [[], 2, ""],
    [["no such"], 1, "to-csv: no stream has a collection that begins with no such\n"],
    [["seismic/", "--start", "yesterday"], 1, "to-csv: "],
  ]) {
    const { code, err } = await finished(run(args));
    assert.equal(code, status, err);
    assert.ok(err.startsWith(text) && (text !== "" || err === ""), err);
  }
});
