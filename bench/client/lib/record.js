// The answers of the real server, taken once, so that all read the very same bytes and none waits for a query.
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { startServer } from "../../../tests/e2e/lib/server.js";

/** A window holds two points, so that it has a deviation. */
const POINT_WIDTH = 23;
const PERIOD = 1n << 22n;
const START = 1_500_000_000n * 1_000_000_000n - ((1_500_000_000n * 1_000_000_000n) % (1n << 23n));
const INSERT = 200_000;

/** The paths of the calls, by how columns travel and by what is read. */
export const PATHS = {
  messages: { windows: "/v5api.BTrDB/AlignedWindows", points: "/v5api.BTrDB/RawValues" },
  arrow: { windows: "/v5api.BTrDB/ArrowAlignedWindows", points: "/v5api.BTrDB/ArrowRawValues" },
};

/**
 * Fills a server with points and reads `rows` windows and as many points, as messages and as Arrow. Gives the
 * body of each answer by its path, and what to ask for.
 */
export async function record({ npm, folder, rows }) {
  rmSync(folder, { recursive: true, force: true });
  const server = await startServer({ data: folder });
  try {
    const uuid = randomUUID();
    const { connect } = await import(pathToFileURL(join(npm, "dist/index.js")).href);
    const connection = await connect(server.url);
    const stream = await connection.create(uuid, "bench/client", { name: "wave", unit: "volts" });
    for (let first = 0; first < 2 * rows; first += INSERT) {
      await stream.insert(wave(first, Math.min(INSERT, 2 * rows - first)));
    }
    await stream.flush();
    const end = { windows: START + PERIOD * BigInt(2 * rows), points: START + PERIOD * BigInt(rows) };
    const bodies = new Map();
    for (const paths of Object.values(PATHS)) {
      const points = request(uuid, START, end.points);
      const windows = Buffer.concat([request(uuid, START, end.windows), Buffer.from([0x28, POINT_WIDTH])]);
      bodies.set(paths.points, await answer(server.url + paths.points, points));
      bodies.set(paths.windows, await answer(server.url + paths.windows, windows));
    }
    const info = "/v5api.BTrDB/Info";
    bodies.set(info, await answer(server.url + info, Buffer.alloc(0)));
    return { bodies, asked: { uuid, start: START, end, pointWidth: POINT_WIDTH } };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A sine with noise, whose times are not quite even: the same in every run. */
function wave(first, rows) {
  const [time, value] = [new BigInt64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row += 1) {
    const index = first + row;
    const noise = (Math.imul(index ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 8) / 2 ** 24;
    time[row] = START + PERIOD * BigInt(index) + BigInt(Math.floor(noise * 1e6));
    value[row] = 325 * Math.sin(index / 700) + noise;
  }
  return { time, value };
}

/** The request for a range at the newest version; its fields are the first three of either call. */
function request(uuid, start, end) {
  const bytes = Buffer.alloc(36);
  bytes.set([0x0a, 16, ...Buffer.from(uuid.replaceAll("-", ""), "hex"), 0x11]);
  bytes.writeBigInt64LE(start, 19);
  bytes[27] = 0x19;
  bytes.writeBigInt64LE(end, 28);
  return bytes;
}

async function answer(url, message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1", "accept-encoding": "identity" },
    body: Buffer.concat([head, message]),
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (!/grpc-status: ?0\r/.test(body.subarray(-200).toString("latin1"))) throw new Error(`${url} failed: ${body.subarray(-200)}`);
  return body;
}
