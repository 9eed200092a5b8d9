// What is asked for, how much of it and how often: counted at a proxy between the page and the server.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import * as explorer from "./lib/explorer.js";
import { startProxy } from "./lib/proxy.js";
import { startServer } from "./lib/server.js";
import { browser, server } from "./lib/stage.js";
import { frame } from "./lib/wire.js";

const { DAY, HOUR, MINUTE, QUAKE, STREAMS, link, series, settled, view } = explorer;
/** When simulations begin. */
const NEW_YEAR = 1_767_225_600_000_000_000n;

const proxy = await startProxy(server.port);
after(() => proxy.stop());

/** What a page asks of the service for data, from now on. */
function traffic(page) {
  const reads = [];
  const find = (request) => reads.find((read) => read.request === request);
  page.on("request", (request) => {
    if (/\/(Arrow)?(AlignedWindows|RawValues)$/.test(request.url())) {
      reads.push({ request, begun: performance.now(), ...asked(request.postDataBuffer()) });
    }
  });
  const end = (request) => {
    const read = find(request);
    if (read) read.ended = performance.now();
  };
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  return reads;
}

/** The stream, the range and the point width of a call. */
function asked(body) {
  const message = body.subarray(5);
  // Twice a tag and eight bytes; a version is not named, and zeros are left out, which no time here is.
  const exponent = message[36] === 0x28 ? message[37] : undefined;
  const [start, end] = [message.readBigInt64LE(19), message.readBigInt64LE(28)];
  return { stream: message.subarray(2, 18).toString("hex"), start, end, exponent };
}

/** Waits until nothing has been on its way for a while. */
async function quiet(page, reads) {
  for (let [seen, since] = [-1, 0]; ; ) {
    if (reads.length !== seen || reads.some((read) => read.ended === undefined)) {
      [seen, since] = [reads.length, performance.now()];
    } else if (performance.now() - since > 400) {
      return;
    }
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

async function show(page, streams, range, lanes) {
  await page.evaluate((url) => (location.href = url), link(proxy, streams, range));
  await explorer.until(page, view, ({ start }) => start === range.start);
  await settled(page, lanes);
}

test("a second visit to a view asks for nothing", async () => {
  const page = await explorer.open(browser, link(proxy, [STREAMS.uv05], DAY));
  const reads = traffic(page);
  const places = [
    { start: QUAKE - HOUR, end: QUAKE + HOUR },
    { start: QUAKE - MINUTE, end: QUAKE + MINUTE },
    { start: QUAKE - 500_000_000n, end: QUAKE + 500_000_000n },
    DAY,
  ];
  await settled(page);
  for (const range of places) {
    await show(page, [STREAMS.uv05], range);
    await quiet(page, reads);
  }
  const before = reads.length;
  assert.ok(before >= 6, `${before} reads for the first visit`);
  for (const range of places) await show(page, [STREAMS.uv05], range);
  await quiet(page, reads);
  assert.equal(reads.length - before, 0, "all of it is at hand");
  await explorer.close(page);
});

test("what lies beside the view is asked for in advance, unless data are to be saved", async () => {
  const range = { start: QUAKE - 2n * HOUR, end: QUAKE + 2n * HOUR };
  const beside = async (saving) => {
    const page = await explorer.open(browser);
    if (saving) {
      await page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
    }
    const reads = traffic(page);
    await page.goto(link(proxy, [STREAMS.uv05], range));
    await settled(page);
    await quiet(page, reads);
    await explorer.close(page);
    // A tile may reach out of the view at either end, and the overview has wider windows.
    const span = range.end - range.start;
    const finest = Math.min(...reads.map(({ exponent }) => exponent ?? Infinity));
    const isAside = ({ start, end, exponent }) =>
      (start >= range.end || end <= range.start || end - start > 2n * span) && exponent <= finest + 2;
    return { all: reads.length, aside: reads.filter(isAside).length };
  };
  const [eager, frugal] = [await beside(false), await beside(true)];
  assert.ok(eager.aside >= 2, `${eager.aside} of ${eager.all} reads are of what is beside`);
  assert.equal(frugal.aside, 0, `of ${frugal.all} reads none is of what is beside`);
});

test("lanes that another hides are read for the overview alone", async () => {
  const page = await explorer.open(browser);
  const reads = traffic(page);
  const range = { start: QUAKE - HOUR, end: QUAKE + HOUR };
  await page.goto(`${link(proxy, [STREAMS.uv05, STREAMS.uv06, STREAMS.uv10], range)}&solo=1`);
  await settled(page, 3);
  await quiet(page, reads);
  const isWide = ({ start, end }) => end - start > 4n * (range.end - range.start);
  const close = reads.filter((read) => !isWide(read));
  assert.deepEqual([...new Set(close.map(({ stream }) => stream))], [STREAMS.uv06.replaceAll("-", "")]);
  assert.equal(new Set(reads.filter(isWide).map(({ stream }) => stream)).size, 3);
  await explorer.close(page);
});

test("twenty streams: a read for each, at most five at a time over HTTP/1.1, all at once over HTTP/2", async () => {
  const data = mkdtempSync(join(tmpdir(), "btrdb-pmus-"));
  const length = ["--pmus", "2", "--duration", "10m"];
  execFileSync(process.env.BTRDB_LOCAL, ["simulate", "--data", data, ...length], { stdio: "ignore" });
  let uuids;
  for (const tls of [false, true]) {
    const many = await startServer({ data, tls });
    uuids ??= (await listed(many.url)).slice(0, 20);
    const way = await startProxy(many.port, { millis: 40 });
    const address = tls ? way.url.replace("http:", "https:") : way.url;
    const part = (from, to) => link({ url: address }, uuids, { start: NEW_YEAR + from, end: NEW_YEAR + to });
    // High enough for all of them to be in sight.
    const screen = { viewport: { width: 1440, height: 1800 }, ignoreHTTPSErrors: true };
    const page = await explorer.open(browser, part(0n, 10n * MINUTE), screen);
    await settled(page, 20);
    const reads = traffic(page);
    await quiet(page, reads);
    // A machine that is busy with other things may stretch one of these; it cannot make one better than the explorer is.
    const jumps = [];
    for (const from of [5n, 2n, 8n]) {
      reads.length = 0;
      await page.evaluate((url) => (location.href = url), part(from * MINUTE, (from + 2n) * MINUTE));
      await explorer.until(page, view, ({ start }) => start === NEW_YEAR + from * MINUTE);
      await settled(page, 20);
      await quiet(page, reads);
      const firsts = uuids.map((uuid) => reads.find(({ stream }) => stream === uuid));
      assert.ok(firsts.every(Boolean), "each stream is read");
      const atOnce = ({ begun }) => reads.filter((other) => other.begun <= begun && other.ended > begun).length;
      const [last, first] = [Math.max(...firsts.map(({ begun }) => begun)), Math.min(...firsts.map(({ ended }) => ended))];
      jumps.push({ most: Math.max(...firsts.map(atOnce)), isOneRound: last < first });
      if (tls && last < first) break;
    }
    if (tls) {
      assert.ok(jumps.some(({ isOneRound }) => isOneRound), "all first reads are sent before the first is answered");
    } else {
      assert.ok(jumps.every(({ most }) => most <= 5), `at most five at a time: ${jumps.map(({ most }) => most)}`);
    }
    await explorer.close(page);
    await way.stop();
    await many.stop();
  }
  rmSync(data, { recursive: true });
});

/** The uuids of all streams, as hexadecimal digits. */
async function listed(url) {
  const message = Buffer.from([0x0a, 0x00, 0x10, 0x01]);
  const headers = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  const answer = await fetch(`${url}/v5api.BTrDB/LookupStreams`, { method: "POST", headers, body: frame(message) });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const uuids = new Set();
  for (let at = bytes.indexOf("0a10", 0, "hex"); at >= 0; at = bytes.indexOf("0a10", at + 18, "hex")) {
    uuids.add(bytes.toString("hex", at + 2, at + 18));
  }
  return [...uuids];
}

test("of the reads that a zoom overtakes, nearly all are given up within 100 ms", async () => {
  const slow = await startProxy(server.port, { millis: 25 });
  const page = await explorer.open(browser, link(slow, [STREAMS.uv05, STREAMS.uv06, STREAMS.uv10], DAY));
  await settled(page, 3);
  const reads = traffic(page);
  await quiet(page, reads);
  // From now on an answer takes seconds.
  slow.bytesPerMilli = 4;
  const rounds = [];
  for (let round = 0; round < 4 && !rounds.some(isSwift); round += 1) rounds.push(await rush(page, slow));
  const shown = rounds.map(({ overtaken, late }) => `${overtaken - late.length} of ${overtaken}`).join(", ");
  assert.ok(rounds.some(isSwift), `given up within 100 ms: ${shown}`);
  console.log(`given up within 100 ms: ${shown}`);
  await explorer.close(page);
  await slow.stop();
});

/** Whether enough reads were overtaken to tell, and nine of ten of them given up in time. */
function isSwift({ overtaken, late }) {
  return overtaken >= 20 && late.length <= overtaken / 10;
}

/** Zooms in and out twenty times; how many reads were overtaken by that, and how long those that took too long lived on. */
async function rush(page, proxy) {
  const box = await series(page, "uv05").boundingBox();
  const width = Math.round(box.width);
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
  // A read is overtaken when the page hears of the wheel. Its clock and ours are of one machine.
  await page.evaluate(() => {
    const note = () => (window.turned_at = performance.timeOrigin + performance.now());
    addEventListener("wheel", note, { capture: true, passive: true });
  });
  const seen = { overtaken: 0, late: [] };
  for (let zoom = 0; zoom < 20; zoom += 1) {
    const pending = proxy.reads().filter(({ hungUp, isComplete }) => hungUp === undefined && !isComplete);
    await page.mouse.wheel(0, zoom % 10 < 5 ? -240 : 240);
    await new Promise((done) => setTimeout(done, 130));
    const turned = (await page.evaluate(() => window.turned_at)) - performance.timeOrigin;
    const { start, end } = await view(page);
    const wanted = Math.floor(Math.log2(Number(end - start) / width));
    const above = [8, 14, 20, 26, 32, 38, 44, 50, 56].find((stored) => stored > wanted);
    for (const call of pending) {
      const { exponent } = asked(call.body);
      if (call.isComplete || exponent === undefined || [wanted, above].includes(exponent)) continue;
      seen.overtaken += 1;
      if (!(call.hungUp - turned <= 100)) seen.late.push(call.hungUp - turned);
    }
  }
  return seen;
}
