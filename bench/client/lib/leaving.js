// How long a server works on for a reader that has given up, and how late deadlines are.
import { leave } from "./browser.js";
import { ENDLESS } from "./replay.js";
import { median } from "./report.js";

const ROUNDS = 20;
const PATIENCE_MS = 10_000;
/** Who is measured, of those that read messages. */
const LEAVING = ["floor: fetch and discard", "btrdb-web", "btrdb-web, worker mode", "connect-web + protobuf-es"];
/** What is measured of points that come as messages, without an end. */
const CASES = {
  server_works_on_ms: "a read is given up: until the server knows",
  deadline_late_ms: "a deadline passes: until the caller knows",
};

/** Measures, prints a line for each figure of each contender, and gives a row for each. */
export async function leavings(contenders, { server, config }) {
  console.log(`\npoints as messages, sent without an end: median and most of ${ROUNDS}, ms`);
  const rows = [];
  for (const contender of contenders.filter(({ who, form }) => form === "messages" && LEAVING.includes(who))) {
    const paths = { points: `${ENDLESS}${config.paths.points}` };
    server.left.length = 0;
    const settings = { ...config, ...contender.settings, base: ENDLESS, paths };
    const { left, late } = await leave(contender, { url: server.url, config: settings, rounds: ROUNDS });
    const { who, version } = contender;
    await until(() => server.left.length >= ROUNDS, `${who}: the server works on for nobody`);
    const found = { server_works_on_ms: left.map((at, round) => server.left[round] - at), deadline_late_ms: late };
    for (const [metric, millis] of Object.entries(found)) {
      const row = { case: CASES[metric], metric, who, version, median: median(millis), max: Math.max(...millis), runs: ROUNDS };
      console.log(`${who.padEnd(28)}${row.case.padEnd(44)}${row.median.toFixed(1).padStart(8)}${row.max.toFixed(1).padStart(8)}`);
      rows.push(row);
    }
  }
  return rows;
}

/** Waits until `isDone`, for so long that it is not about to be. */
async function until(isDone, otherwise) {
  for (const end = performance.now() + PATIENCE_MS; !isDone(); ) {
    if (performance.now() > end) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
