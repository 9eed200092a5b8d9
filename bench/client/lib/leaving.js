// How long a server works on for a reader that has given up.
import { leave } from "./browser.js";
import { ENDLESS } from "./replay.js";
import { LEFT_METRIC, median } from "./report.js";

const ROUNDS = 20;
/** Who is measured, of those that read messages. */
const LEAVING = ["floor: fetch and discard", "btrdb-web", "btrdb-web, worker mode", "connect-web + protobuf-es"];
const CASE = "points as messages, given up while the server sends";

/** Measures, prints a line for each contender, and gives a row for each. */
export async function leavings(contenders, { server, config }) {
  console.log(`\n${CASE}: until the server knows, median and most of ${ROUNDS}, ms`);
  const rows = [];
  for (const contender of contenders.filter(({ who, form }) => form === "messages" && LEAVING.includes(who))) {
    const paths = { points: `${ENDLESS}${config.paths.points}` };
    server.left.length = 0;
    const settings = { ...config, ...contender.settings, base: ENDLESS, paths };
    const left = await leave(contender, { url: server.url, config: settings, rounds: ROUNDS });
    while (server.left.length < ROUNDS) await new Promise((resolve) => setTimeout(resolve, 10));
    const took = left.map((at, round) => server.left[round] - at);
    const { who, version } = contender;
    const row = { case: CASE, metric: LEFT_METRIC, who, version, median: median(took), max: Math.max(...took), runs: ROUNDS };
    console.log(`${who.padEnd(44)}${row.median.toFixed(1).padStart(8)}${row.max.toFixed(1).padStart(8)}`);
    rows.push(row);
  }
  return rows;
}
