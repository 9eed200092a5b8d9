// Takes a picture of every state of the explorer, in light and dark and at three sizes, for people to look at:
//
//   cargo xtask test --only browser      builds the page and imports the recordings
//   node tests/screens/screens.js [NAME…]
//
// The pictures are in target/screens. Without names all are taken.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";

const target = join(import.meta.dirname, "../../target");
process.env.BTRDB_LOCAL ??= join(target, "debug/btrdb-local");
process.env.BTRDB_APP ??= join(target, "e2e/app");
process.env.CHROMIUM ??= "/usr/bin/chromium";
const { launch } = await import("../e2e/lib/browser.js");
const { startServer } = await import("../e2e/lib/server.js");
const { DAY, QUAKE, STREAMS, link, settled } = await import("../e2e/lib/explorer.js");
const { trailers } = await import("../e2e/lib/wire.js");

const folder = join(target, "screens");
const SIZES = [["wide", 1600, 900], ["tablet", 1024, 768], ["phone", 390, 844]];
const MINUTE = 60_000_000_000n;
const HOUR = 60n * MINUTE;
const HALF = { start: QUAKE - HOUR, end: QUAKE + HOUR };
const all = Object.values(STREAMS);

/** A made-up network of phasor measurement units beside the recordings, for lanes by the dozen. */
function data() {
  const data = process.env.BTRDB_DATA ?? join(target, "e2e/data");
  const simulated = join(target, "screens-data");
  try {
    execFileSync(process.env.BTRDB_LOCAL, ["simulate", "--data", simulated, "--pmus", "4", "--duration", "1h", "--start", "2026-01-01T00:00:00Z"], { stdio: "ignore" });
  } catch (error) {
    console.error(`no simulation: ${error.message}`);
  }
  return { data, simulated };
}

const refuse = (code, message) => (route) =>
  route.fulfill({ status: 200, contentType: "application/grpc-web+proto", body: trailers(`grpc-status: ${code}\r\ngrpc-message: ${encodeURIComponent(message)}\r\n`) });
/** Calls about one stream: its uuid is in the request as bytes. */
const about = (uuid, then) => (route) => {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  return route.request().postDataBuffer()?.includes(bytes) ? then(route) : route.continue();
};
const CALLS = "**/v5api.BTrDB/*";
const never = () => {};
const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** What to open, and what to do before and after. */
const STATES = {
  first: { open: (server) => server.url, lanes: 3 },
  none: {
    open: (server) => server.url,
    before: (page) => page.route("**/config.json", (route) => route.fulfill({ status: 404 })),
    after: (page) => page.getByTestId("example").nth(2).waitFor(),
  },
  chosen: { open: (server) => link(server, all, HALF), lanes: 3, after: (page) => hover(page, 0.6) },
  loading: {
    open: (server) => link(server, all, HALF),
    before: (page) => page.route(/Windows|RawValues/, never),
    after: () => pause(800),
  },
  waiting: {
    open: (server) => link(server, all, HALF),
    before: (page) => page.route(/Windows|RawValues/, never),
    after: () => pause(5_800),
  },
  refining: {
    open: (server) => link(server, all, DAY),
    lanes: 3,
    after: async (page) => {
      await page.route(/Windows|RawValues/, never);
      await page.getByTestId("plot").focus();
      for (let step = 0; step < 9; step += 1) await page.keyboard.press("w");
      await pause(700);
    },
  },
  empty: { open: (server) => link(server, [STREAMS.uv05, STREAMS.uv06], { start: DAY.start - 30n * HOUR, end: DAY.start - 26n * HOUR }), lanes: 2, after: () => pause(500) },
  failed: {
    open: (server) => link(server, all, HALF),
    before: (page) => page.route(CALLS, about(STREAMS.uv06, refuse(13, "the disk of the storage node is full"))),
    after: () => pause(1_500),
  },
  forbidden: {
    open: (server) => link(server, all, HALF),
    before: (page) => page.route(CALLS, about(STREAMS.uv06, refuse(7, "not for this key"))),
    after: () => pause(1_500),
  },
  offline: {
    open: (server) => link(server, all, HALF),
    lanes: 3,
    after: async (page) => {
      await page.route(CALLS, (route) => route.abort("connectionrefused"));
      await page.getByTestId("plot").focus();
      await page.keyboard.press("Shift+d");
      await page.getByTestId("offline").waitFor();
      await pause(500);
    },
  },
  samples: { open: (server) => link(server, [STREAMS.uv05], { start: QUAKE - 300_000_000n, end: QUAKE + 300_000_000n }), lanes: 1, after: (page) => hover(page, 0.5) },
  nanosecond: { open: (server) => link(server, [STREAMS.uv05], { start: QUAKE - 60n, end: QUAKE + 60n }), lanes: 1, after: (page) => hover(page, 0.5) },
  ages: { open: (server) => link(server, all, { start: -1_152_921_504_606_846_976n, end: 3_458_764_513_820_540_928n }), lanes: 3 },
  help: { open: (server) => server.url, lanes: 3, after: (page) => page.keyboard.press("?") },
  goto: { open: (server) => link(server, all, HALF), lanes: 3, after: (page) => page.keyboard.press("g") },
  commands: { open: (server) => link(server, all, HALF), lanes: 3, after: (page) => page.keyboard.press("Control+k") },
  connect: { open: (server) => server.url, lanes: 3, after: (page) => page.getByTestId("open-connect").click() },
  drawer: {
    open: (server) => server.url,
    lanes: 3,
    after: (page, size) => (size === "phone" ? page.getByTestId("toggle-panel").click() : page.keyboard.press("\\")),
  },
  marks: {
    open: (server) => `${link(server, all, HALF)}&values=0:-2e3:2e3&marks=${QUAKE},${QUAKE + 20n * MINUTE}`,
    lanes: 3,
    after: (page) => box(page),
  },
  network: { simulated: true, open: (server) => server.url, after: pick(12) },
  many: { simulated: true, open: (server) => server.url, after: pick(50) },
};

async function hover(page, part) {
  const canvas = await page.locator("canvas.series").first().boundingBox();
  await page.mouse.move(canvas.x + canvas.width * part, canvas.y + canvas.height / 2);
  await pause(200);
}

/** A box half marked. */
async function box(page) {
  const canvas = await page.locator("canvas.series").nth(1).boundingBox();
  await page.keyboard.down("Shift");
  await page.mouse.move(canvas.x + canvas.width * 0.2, canvas.y + 40);
  await page.mouse.down();
  await page.mouse.move(canvas.x + canvas.width * 0.6, canvas.y + canvas.height - 30, { steps: 3 });
  await pause(200);
}

/** Opens the first streams of the list. */
function pick(count) {
  return async (page) => {
    await page.getByTestId("search").waitFor({ state: "attached" });
    const streams = await page.evaluate(async () => {
      const input = document.querySelector("[data-testid=search]");
      input.value = "synthetic";
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await new Promise((done) => setTimeout(done, 300));
      const found = new Set();
      const tree = document.querySelector("[data-testid=tree]");
      for (let top = 0; top === 0 || top <= tree.scrollHeight; top += 200) {
        tree.scrollTop = top;
        await new Promise((done) => setTimeout(done, 50));
        document.querySelectorAll("[data-testid=stream-row]").forEach((row) => found.add(row.dataset.stream));
      }
      tree.scrollTop = 0;
      return [...found];
    });
    const start = 1_767_225_600_000_000_000n;
    await page.evaluate((hash) => { location.hash = hash; }, `streams=${streams.slice(0, count).join(",")}&start=${start}&end=${start + HOUR}`);
    await pause(300);
    await settled(page, Math.min(count, streams.length));
  };
}

const wanted = process.argv.slice(2);
const states = Object.entries(STATES).filter(([name]) => !wanted.length || wanted.includes(name));
mkdirSync(folder, { recursive: true });
const folders = data();
const browser = await launch();
for (const simulated of [false, true]) {
  const part = states.filter(([, state]) => Boolean(state.simulated) === simulated);
  if (!part.length) continue;
  const server = await startServer({ data: simulated ? folders.simulated : folders.data });
  for (const [name, state] of part) {
    for (const [size, width, height] of SIZES) {
      for (const colorScheme of ["light", "dark"]) {
        const touch = size === "phone" ? { hasTouch: true, deviceScaleFactor: 2 } : {};
        const context = await browser.newContext({ viewport: { width, height }, colorScheme, ...touch });
        const page = await context.newPage();
        await state.before?.(page);
        await page.goto(state.open(server));
        try {
          if (state.lanes !== undefined) await settled(page, state.lanes);
          await state.after?.(page, size);
        } catch (error) {
          console.error(`${name} ${size}: ${error.message}`);
        }
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
        await context.close();
      }
    }
    console.log(name);
  }
  await server.stop();
}
await browser.close();
