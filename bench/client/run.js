// A million windows and a million points, from recorded bytes to typed arrays in Chromium, by our client and by others.
//
// Run by `cargo xtask bench client`, which says where the server is (`BTRDB_LOCAL`), our package (`BTRDB_NPM`), the browser
// (`CHROMIUM`), a folder for what is made (`BENCH_WORK`), how often each is measured (`BENCH_REPETITIONS`), whom to leave
// out (`BENCH_ONLY`, text in the name of those measured; empty for all) and where the rows go (`BENCH_OUT`).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { measure } from "./lib/browser.js";
import { bundle } from "./lib/bundle.js";
import { contenders } from "./lib/contenders.js";
import { leavings } from "./lib/leaving.js";
import { peakMemory } from "./lib/memory.js";
import { PATHS, record } from "./lib/record.js";
import { replay } from "./lib/replay.js";
import { disagreements, goalsOf, rowsOf } from "./lib/report.js";

const { BTRDB_NPM, BENCH_WORK, BENCH_REPETITIONS, BENCH_ONLY, BENCH_OUT } = process.env;
const ROWS = 1_000_000;
/** Warm runs of each kind in a browser. */
const WARM = 3;

const { version } = JSON.parse(readFileSync(join(BTRDB_NPM, "package.json"), "utf8"));
const hasWorker = existsSync(join(BTRDB_NPM, "dist/worker.js"));
const measured = contenders({ ours: version, hasWorker })
  .filter(({ who }) => who.includes(BENCH_ONLY))
  .map((contender) => ({ contender, runs: [] }));

console.log("bundling the contenders");
await bundle(BENCH_WORK);
console.log(`recording ${ROWS} windows and points`);
const { bodies, asked } = await record({
  npm: BTRDB_NPM,
  folder: join(BENCH_WORK, "data"),
  rows: ROWS,
});
for (const [path, body] of bodies) console.log(`${path.padEnd(40)} ${body.length} bytes`);

const server = await replay(bodies, { npm: BTRDB_NPM, scripts: join(BENCH_WORK, "scripts") });
const { uuid, start, end, pointWidth } = asked;
const ask = { base: "/", uuid, start: `${start}`, end: { windows: `${end.windows}`, points: `${end.points}` }, pointWidth };
for (let repetition = 1; repetition <= Number(BENCH_REPETITIONS); repetition += 1) {
  for (const { contender, runs } of measured) {
    const config = { ...ask, paths: PATHS[contender.form], ...contender.settings };
    const more = await measure(contender, { url: server.url, config, warm: WARM });
    const rss = await peakMemory(contender, { server, config });
    runs.push(...more, { kind: "windows", isCold: true, rss });
    const warm = more.filter(({ kind, isCold }) => kind === "windows" && !isCold).map(({ ms }) => ms.toFixed(0));
    console.log(`${repetition}  ${contender.who} (${contender.form}): ${warm.join(", ")} ms, ${rss.toFixed(0)} MB`);
  }
}
const wrong = disagreements(measured);
const rows = rowsOf(measured, ROWS);
const config = { ...ask, paths: PATHS.messages };
rows.push(...(await leavings(measured.map(({ contender }) => contender), { server, config })));
server.stop();
writeFileSync(BENCH_OUT, JSON.stringify([...rows, ...(BENCH_ONLY ? [] : goalsOf(rows))]));
if (wrong.length > 0) {
  console.error(`not all read the same:\n${wrong.join("\n")}`);
  process.exitCode = 1;
}
