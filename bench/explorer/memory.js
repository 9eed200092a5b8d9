// The memory of the page while somebody uses it, the tiles having had their share of it from the start.
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { link } from "../../tests/e2e/lib/explorer.js";
import { startServer } from "../../tests/e2e/lib/server.js";
import { descendants, status } from "../lib/processes.js";
import { undebugged } from "../lib/undebugged.js";
import { NEW_YEAR } from "./data.js";

const HOUR = 3_600_000_000_000n;
/** How many places there are to go to so that the tiles have their share, and how long that takes, in milliseconds. */
const FILL = 40;
const FILLED_AFTER = 3_000 + FILL * 800 + 5_000;

/** Uses the explorer of `app` with all of `data` for `seconds`, and adds what memory that took. */
export async function memory({ data, app, streams, work, seconds, screen, add }) {
  const driven = join(work, "driven");
  cpSync(app, driven, { recursive: true });
  for (const file of ["drive.html", "drive.js"]) copyFileSync(join(import.meta.dirname, file), join(driven, file));
  const place = (start, length) => link({ url: "" }, streams, { start, end: start + length });
  const fill = Array.from({ length: FILL }, (_, at) => place(NEW_YEAR + (BigInt(at) * HOUR) / 20n, HOUR / 20n));
  const lengths = [HOUR / 6n, HOUR, HOUR / 60n, HOUR / 3_600n];
  const use = Array.from({ length: 44 }, (_, at) => place(NEW_YEAR + ((BigInt(at) * 7n) % 11n) * (HOUR / 6n), lengths[at % 4]));
  writeFileSync(join(driven, "drive.json"), JSON.stringify({ fill, use }));

  const server = await startServer({ data, app: driven });
  const { width, height } = screen.viewport;
  await undebugged(`${server.url}/drive.html`, [`--window-size=${width},${height}`], async (browser) => {
    await new Promise((done) => setTimeout(done, FILLED_AFTER));
    const seen = [];
    for (const until = performance.now() + seconds * 1e3; performance.now() < until; ) {
      await new Promise((done) => setTimeout(done, 1_000));
      seen.push(resident(browser));
    }
    const half = Math.floor(seen.length / 2);
    const mean = (part) => part.reduce((sum, value) => sum + value, 0) / part.length;
    const [first, second] = [mean(seen.slice(0, half)), mean(seen.slice(half))];
    const what = `${seconds} s of use, ${streams.length} streams`;
    const [least, most] = [Math.min(...seen), Math.max(...seen)];
    add(what, "page_memory_mb", { median: mean(seen), min: least, most, runs: seen.length }, { of: "most", most: 400 });
    add(what, "page_memory_growth_percent", { median: (100 * (second - first)) / first }, { of: "median", most: 5 });
  });
  await server.stop();
  rmSync(driven, { recursive: true, force: true });
}

/**
 * What the largest page below the process `ancestor` has in memory, in MB: for itself, and shared with the compositor, but not
 * the browser's own program.
 */
function resident(ancestor) {
  const sizes = descendants(ancestor).map((id) => (status(id, "RssAnon") + status(id, "RssShmem")) / 1024);
  return Math.max(...sizes);
}
