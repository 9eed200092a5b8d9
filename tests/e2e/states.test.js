// Not loaded, empty and thin: three looks that nobody can take for one another, each named in the legend and in words.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { launch } from "./lib/browser.js";
import * as explorer from "./lib/explorer.js";
import { startServer } from "./lib/server.js";

const UUID = "00000000-0000-4000-8000-0000000000a5";
const START = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
/** A quarter of what is looked at, in seconds: full, thin, empty and full again. */
const QUARTER = 1_600n;
const RANGE = { start: START, end: START + 4n * QUARTER * SECOND };

const data = mkdtempSync(join(tmpdir(), "btrdb-states-"));
record(join(data, "states.csv"));
const server = await startServer({ data: join(data, "data") });
const browser = await launch();
after(async () => {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

/** Stores twenty points a second, in the second quarter two, in the third none. */
function record(file) {
  const lines = ["time,level"];
  for (let at = 0n; at < 4n * QUARTER * 20n; at += 1n) {
    const quarter = at / (QUARTER * 20n);
    if (quarter === 2n || (quarter === 1n && at % 10n !== 0n)) continue;
    lines.push(`${START + (at * SECOND) / 20n},${Math.sin(Number(at)) + (at % 7n === 0n ? 1 : 0)}`);
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
  writeFileSync(`${file}.map`, `column,name,collection,uuid\nlevel,level,states,${UUID}\n`);
  const words = ["import", file, "--data", join(data, "data"), "--map", `${file}.map`];
  execFileSync(process.env.BTRDB_LOCAL, words, { stdio: "ignore" });
}

const shown = (page) => page.locator(`[data-testid=lane][data-stream="${UUID}"]`);

/** How opaque each pixel of the data is, column by column, and of what lies below them. */
function pixels(page) {
  return shown(page).evaluate((lane) =>
    ["canvas.series", "canvas.base"].map((which) => {
      const canvas = lane.querySelector(which);
      const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const column = (x) => Array.from({ length: height }, (_, y) => data[4 * (y * width + x) + 3]);
      return Array.from({ length: width }, (_, x) => column(x));
    }),
  );
}

/** The columns of a quarter of the view, without what is near its ends. */
const quarter = (columns, which) => {
  const wide = columns.length / 4;
  return columns.slice(Math.ceil((which + 0.05) * wide), Math.floor((which + 0.95) * wide));
};
/** The opacity that most pixels with anything in them have: that of the band. */
function usual(columns) {
  const counts = new Map();
  for (const alpha of columns.flat()) if (alpha > 0 && alpha < 255) counts.set(alpha, (counts.get(alpha) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

test("full, thin and empty stretches look different, and are named", async () => {
  const page = await explorer.open(browser, explorer.link(server, [UUID], RANGE));
  await explorer.settled(page);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "states-thin-and-empty.png") });
  const [series, base] = await pixels(page);
  const [full, thin, empty, again] = [0, 1, 2, 3].map((which) => usual(quarter(series, which)));
  assert.ok(full === again && thin < 0.6 * full, `bands of ${full}, ${thin} and ${again} of 255`);
  assert.equal(empty, undefined, "nothing is drawn where nothing is");
  // A bracket along the bottom, its ends upright; what lies below the others has none.
  const foot = (columns) => columns.filter((column) => column.at(-7) + column.at(-6) + column.at(-5) > 150).length;
  const gutter = base.length - series.length;
  const below = [0, 1, 2, 3].map((which) => quarter(base.slice(gutter), which));
  assert.deepEqual(below.map((columns) => foot(columns) > 0.9 * columns.length), [false, false, true, false]);
  assert.equal(await page.getByTestId("lacking").innerText(), "no data, thin data");
  assert.match(await page.getByTestId("spoken").innerText(), /In part no data\. In part thin data\./);
  await explorer.close(page);
});

test("what is not loaded is hatched, and says so", async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const held = [];
  await page.route(/Windows|RawValues/, (route) => held.push(route));
  await page.goto(explorer.link(server, [UUID], RANGE));
  const legend = page.getByTestId("lacking");
  await legend.waitFor();
  assert.equal(await legend.innerText(), "not loaded");
  assert.match(await page.getByTestId("lane-message").innerText(), /Loading|Waiting/);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "states-not-loaded.png") });
  const [series] = await pixels(page);
  const dark = series.flatMap((column, x) => column.flatMap((alpha, y) => (alpha > 0 ? [(x + y) % 8] : [])));
  assert.deepEqual([...new Set(dark)], [0], "diagonals, eight pixels apart");
  assert.ok(Math.abs(dark.length - (series.length * series[0].length) / 8) <= series.length);
  for (const route of held) await route.continue();
  await page.unroute(/Windows|RawValues/);
  await explorer.settled(page);
  assert.doesNotMatch(await legend.innerText(), /not loaded/);
  await context.close();
});
