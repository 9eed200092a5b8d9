#!/usr/bin/env node
// Writes the streams of a collection to CSV: node node/to-csv.js --help
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

import { BTrDBError, StreamSet, connect, nsDelta } from "btrdb-web";

const USAGE = `Usage: node to-csv.js [options] COLLECTION

Writes the points of all streams whose collection begins with COLLECTION, one row for each time.

  --server ENDPOINT   BTRDB_ENDPOINTS or the file of profiles, unless given
  --start TIME        such as "2010-09-01T07:30:00Z", or nanoseconds since 1970; the first point unless given
  --end TIME          the first time that is not written any more; after the last point unless given
  --window SECONDS    means and counts of windows instead of points; what is left over at the end is left out
  --out FILE          standard output, unless given
`;

/** How much text goes to the file at a time. */
const CHUNK = 64 * 1024;

/**
 * Lines in larger pieces, since a write for each line would cost more than the line.
 *
 * @param {AsyncIterable<string>} lines
 */
async function* pieces(lines) {
  let piece = "";
  for await (const line of lines) {
    piece += line;
    if (piece.length < CHUNK) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

/**
 * The time of the first point of any stream: windows of all of time would mostly be of times long before.
 *
 * @param {StreamSet} set
 */
async function first(set) {
  const times = (await set.earliest()).flatMap((point) => (point ? [point.time] : []));
  return times.sort((one, other) => (one < other ? -1 : 1))[0];
}

/**
 * The time after the last point of any stream.
 *
 * @param {StreamSet} set
 */
async function afterLast(set) {
  const times = (await set.latest()).flatMap((point) => (point ? [point.time + 1n] : []));
  return times.sort((one, other) => (one < other ? 1 : -1))[0];
}

async function main() {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: "string" },
      start: { type: "string" },
      end: { type: "string" },
      window: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const [collection] = positionals;
  if (options.help || collection === undefined) {
    process.stdout.write(USAGE);
    process.exitCode = options.help ? 0 : 2;
    return;
  }

  const connection = await connect(options.server);
  const found = await connection.streamsInCollection(collection, { prefix: true });
  if (found.length === 0) throw new BTrDBError(`no stream has a collection that begins with ${collection}`);

  const all = new StreamSet(found);
  const { start = await first(all), end = await afterLast(all) } = options;
  if (start === undefined || end === undefined) throw new BTrDBError("the streams have no points");
  const set = await all.filter({ start, end });
  const table = options.window ? set.windows(nsDelta({ seconds: Number(options.window) })) : set;
  // Where a window has no points its mean means nothing, which only the count tells.
  const lines = table.csvLines({ agg: ["mean", "count"], lineEnd: "\n" });

  // A line is asked for when the file has room for it: memory holds a batch of each stream, however long the range is.
  const out = options.out === undefined ? process.stdout : createWriteStream(options.out);
  await pipeline(pieces(lines), out);
}

try {
  await main();
} catch (error) {
  // A reader such as `head` has seen enough.
  if (error instanceof Error && "code" in error && error.code === "EPIPE") process.exit(0);
  process.stderr.write(`to-csv: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
