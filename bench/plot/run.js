// Measures each contender in a page of its own, all in one Chromium, and writes the rows. Started by `cargo xtask bench plot`.
//
// BENCH_OUT: where the rows go. BENCH_MODULE: the folder of the explorer's drawing as wasm. CHROMIUM: the browser.
// BENCH_ONLY: what to measure, such as `btrdb,pixels` or `lanes-20`; all of it without.
import { readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const ofTests = createRequire(join(here, "../../tests/package.json"));
const { chromium } = ofTests("playwright-core");
const { PNG } = ofTests("pngjs");
const { BENCH_OUT, BENCH_MODULE, BENCH_ONLY, CHROMIUM } = process.env;

/** What a page loads of each, and which package it is. */
const CONTENDERS = {
  btrdb: { files: ["/module/btrdb_bench_plot.js", "/module/btrdb_bench_plot_bg.wasm"] },
  pixels: { files: ["/page/contenders/pixels.js"] },
  path2d: { files: ["/page/contenders/path2d.js"] },
  uplot: { package: "uplot", files: ["dist/uPlot.iife.min.js", "dist/uPlot.min.css"] },
  chartjs: { package: "chart.js", files: ["dist/chart.umd.min.js"] },
  lightweight: { package: "lightweight-charts", files: ["dist/lightweight-charts.standalone.production.js"] },
  echarts: { package: "echarts", files: ["dist/echarts.min.js"] },
  plotly: { package: "plotly.js-dist-min", files: ["plotly.min.js"] },
  dygraphs: { package: "dygraphs", files: ["dist/dygraph.min.js", "dist/dygraph.min.css"] },
};
const CASES = ["lanes-20", "overlaid-20", "lanes-200", "overlaid-200", "points-166650"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
/** Who takes longer than this for a redraw of 20 streams over one another is not asked for 200. */
const TOO_SLOW_MILLIS = 500;
/** How different a pixel must be from the white ground to count as drawn. */
const INK = 24;
/** What part of the floor's pixels a contender must have drawn at least for its row to stand. */
const ENOUGH = 0.1;

const place = (path) => (path.startsWith("/module/") ? join(BENCH_MODULE, path.slice(7)) : join(here, path));
const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  try {
    const body = await readFile(place(path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const origin = `http://127.0.0.1:${server.address().port}`;

// The same for all. Plotly wants WebGL, which is made without a GPU too.
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
  ],
});

const chosen = BENCH_ONLY?.split(",") ?? [];
const among = (names) => (chosen.some((one) => names.includes(one)) ? names.filter((name) => chosen.includes(name)) : names);
const rows = [];
for (const name of among(CASES)) {
  const tooSlow = ({ case: of, full }) => name === "overlaid-200" && of === "overlaid-20" && full?.best > TOO_SLOW_MILLIS;
  const left = rows.filter(tooSlow).map((row) => row.contender);
  const contenders = among(Object.keys(CONTENDERS)).filter((contender) => !left.includes(contender));
  for (const contender of contenders) rows.push(await measured(name, contender));
  judge(rows.filter((row) => row.case === name));
}
await browser.close();
server.close();
writeFileSync(BENCH_OUT, JSON.stringify(rows));
if (rows.some((row) => row.void)) process.exitCode = 1;

async function measured(name, contender) {
  const page = await browser.newPage({ viewport: { width: 1700, height: 1000 } });
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  const pictures = [];
  await page.exposeFunction("picture", async () => {
    const picture = PNG.sync.read(await page.screenshot({ clip: { x: 0, y: 0, width: 1600, height: 900 } }));
    if (process.env.BENCH_PICTURES) {
      writeFileSync(join(process.env.BENCH_PICTURES, `${name}-${contender}-${pictures.length}.png`), PNG.sync.write(picture));
    }
    pictures.push(picture);
  });
  await page.goto(`${origin}/page/index.html?contender=${contender}&case=${name}`);
  // Some take minutes.
  await page.waitForFunction(() => window.finished, undefined, { timeout: 0 });
  const { report, error } = await page.evaluate(() => window.finished);
  await page.close();
  const row = { case: name, contender, ...about(contender), ...(report ?? {}) };
  row.drawnPixels = pictures.map(drawn);
  row.movedPixels = pictures.length > 1 ? difference(pictures[0], pictures.at(-1)) : undefined;
  if (error) row.void = error;
  else if (trouble.length > 0) row.trouble = trouble.slice(0, 3);
  print(row);
  return row;
}

/**
 * Voids what drew nothing worth the name or did not move, and says how each compares with uPlot and with the floor: by the
 * best of its redraws, for what else goes on in a machine only adds to them, and by the median of its steps.
 */
function judge(rows) {
  const of = (name) => rows.find((row) => row.contender === name && !row.void);
  const floor = of("pixels");
  for (const row of rows) {
    if (row.void) continue;
    const least = Math.min(...row.drawnPixels);
    if (floor && least < ENOUGH * Math.min(...floor.drawnPixels)) row.void = `drew only ${least} pixels`;
    if (row.pan && row.movedPixels < 1000) row.void = "did not move";
    for (const [to, other] of [["uplot", of("uplot")], ["pixels", floor]]) {
      if (!other || other === row) continue;
      row[`to_${to}`] = {
        cold: row.cold / other.cold,
        full: row.full.best / other.full.best,
        renewed: row.renewed.best / other.renewed.best,
        ...(row.pan && { pan: row.pan.p50 / other.pan.p50, panP95: row.pan.p95 / other.pan.p95 }),
        peak: row.peakBytes / other.peakBytes,
      };
    }
    if (row.void) console.log(`${row.case} ${row.contender} is void: ${row.void}`);
  }
}

function about(contender) {
  const { package: name, files } = CONTENDERS[contender];
  const paths = files.map((file) => (name ? `/node_modules/${name}/${file}` : file));
  const contents = paths.map((path) => readFileSync(place(path)));
  const version = name && JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"))).version;
  const sum = (sizes) => sizes.reduce((all, size) => all + size, 0);
  return {
    version,
    shippedBytes: sum(contents.map((content) => content.length)),
    shippedBrotli: sum(contents.map((content) => brotliCompressSync(content).length)),
  };
}

function drawn({ data }) {
  let count = 0;
  for (let at = 0; at < data.length; at += 4) if (255 * 3 - data[at] - data[at + 1] - data[at + 2] > INK) count += 1;
  return count;
}

function difference(one, other) {
  let count = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((part) => Math.abs(one.data[at + part] - other.data[at + part]) > INK)) count += 1;
  }
  return count;
}

function print(row) {
  const shown = (number, digits = 1) => (number === undefined ? "–" : number.toFixed(digits)).padStart(8);
  const { load, cold, full, renewed, pan, peakBytes, shippedBrotli, drawnPixels } = row;
  if (rows.every((other) => other.case !== row.case)) {
    console.log(`\n${row.case.padEnd(26)}    load    cold    full  new data  pan p50   p95 over %   steps  peak MB   KB br  drawn px`);
  }
  const words = [load, cold, full?.best, renewed?.best, pan?.p50, pan?.p95, pan && pan.over * 100];
  const more = [pan && pan.steps, peakBytes / 1e6, shippedBrotli / 1e3, Math.min(...drawnPixels)];
  console.log(`${`${row.contender} ${row.version ?? ""}`.padEnd(24)}${[...words.map((each) => shown(each)), ...more.map((each, at) => shown(each, at % 3 === 0 ? 0 : 1))].join("")}`);
  if (row.hudMillis !== undefined) console.log(`  its figures for people: ${row.hudMillis.toFixed(3)} ms a frame`);
  if (row.void ?? row.trouble) console.log(`  ${row.void ?? row.trouble}`);
}
