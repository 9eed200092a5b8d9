// The package in Firefox, as Debian has it, over WebDriver BiDi: what of it depends on the browser. There is no WebKit to
// be had here.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import puppeteer from "puppeteer-core";

import { startFaulty, throttled } from "../e2e/lib/faulty.js";
import { frame, points } from "../e2e/lib/wire.js";
import { EXPECTED, PACKAGE, fixture } from "./lib/fixture.js";
import { startPages } from "./lib/pages.js";

const PAGE = "<!doctype html><title>The package in Firefox</title>";
const MANY = frame(points(Array.from({ length: 10_000 }, (_, time) => time)));

const answers = {
  "/": (answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(PAGE);
  },
};
const shared = fixture({
  inBrowser: false,
  serve: (server) => startPages({ folders: { package: PACKAGE }, server, answers }),
});
let firefox;

before(async () => {
  firefox = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX, headless: true });
});

after(async () => {
  await firefox?.close();
});

/** Does `work` in a page of the server at `url`, and gives what it returns. */
async function inPage(url, work, argument) {
  const page = await firefox.newPage();
  try {
    await page.goto(url);
    return await page.evaluate(work, argument);
  } finally {
    await page.close();
  }
}

test("values, windows and Arrow", async () => {
  const found = await inPage(shared.pages.url, async () => {
    const { connect, isoString } = await import("/package/dist/index.js");
    const connection = await connect("/");
    const [stream] = await connection.streams(["consumers/ramp"]);
    const { time, value } = await stream.values();
    const windows = await stream.alignedWindows(time[0], time.at(-1), 36);
    const { ipc } = await stream.arrowValues();
    const sum = (array) => array.reduce((sum, each) => sum + each, array[0] - array[0]);
    return {
      points: time.length,
      last: isoString(time.at(-1)),
      sum: sum(value),
      windows: windows.mean.length,
      counted: String(sum(windows.count)),
      arrow: ipc.length > 16 * time.length && ipc.byteOffset === 0,
    };
  });
  const { windows, counted, arrow, ...rest } = found;
  assert.deepEqual(rest, EXPECTED);
  // What begins before the range and ends in it counts; what is left over at its end does not.
  assert.ok(windows > 10 && Number(counted) > EXPECTED.points - 100, JSON.stringify(found));
  assert.ok(arrow);
});

test("compressed frames", async () => {
  const found = await inPage(shared.pages.url, async () => {
    const { connect } = await import("/package/dist/index.js");
    const plain = globalThis.fetch;
    const flags = [];
    globalThis.fetch = async (url, init) => {
      const answer = await plain(url, init);
      if (String(url).includes("Values")) flags.push(new Uint8Array(await answer.clone().arrayBuffer())[0]);
      return answer;
    };
    const connection = await connect("/", { gzip: true });
    const [stream] = await connection.streams(["consumers/ramp"]);
    const { value } = await stream.values();
    return { flags, sum: value.reduce((sum, each) => sum + each, 0) };
  });
  assert.deepEqual(found, { flags: [1], sum: EXPECTED.sum });
});

test("worker mode reads in a worker, as the page does by itself", async () => {
  const [here, there] = await inPage(shared.pages.url, async () => {
    const { connect } = await import("/package/dist/index.js");
    const found = [];
    for (const worker of [false, true]) {
      const connection = await connect("/", { worker });
      const set = await connection.streams(["consumers/ramp"]);
      const [stream] = set;
      performance.clearResourceTimings();
      const { time, value } = await stream.values();
      let rows = 0;
      for await (const { mean } of stream.alignedWindows(time[0], time.at(-1), 36)) rows += mean.length;
      const { ipc } = await stream.arrowValues();
      const csv = await set.alignedWindows(36).toCsv({ agg: ["min", "count"] });
      const failure = await stream.values(2n, 1n).then(() => undefined, ({ name, code }) => [name, code]);
      const asked = performance.getEntriesByType("resource").filter(({ name }) => /(Values|Windows)$/.test(name)).length;
      found.push({ asked, failure, read: [value, rows, ipc, csv].join() });
      connection.close();
    }
    return found;
  });
  assert.ok(here.asked >= 4, `${here.asked} reads by the page`);
  assert.equal(there.asked, 0);
  assert.deepEqual(here.failure, ["InvalidTimeRange", "INVALID_TIME_RANGE"]);
  assert.deepEqual(there.failure, here.failure);
  assert.ok(here.read.length > 10_000 && there.read === here.read);
});

for (const worker of [false, true]) {
  test(`a break ends the request, and so does an abort${worker ? ", in worker mode" : ""}`, async () => {
    const flood = { answer: (response, call) => throttled(response, call, MANY, 1) };
    const faulty = await startFaulty({ folder: PACKAGE, answers: { flood, again: flood } });
    try {
      const outcome = await inPage(`${faulty.url}/package.json`, async (worker) => {
        const { connect } = await import("/dist/index.js");
        const stream = async (path) => {
          const connection = await connect(path, { worker });
          return connection.streamFromUuid("00000000-0000-0000-0000-000000000007");
        };
        for await (const { time } of (await stream("/flood")).values()) if (time.length > 0) break;
        const controller = new AbortController();
        const read = (await stream("/again")).values(undefined, undefined, { signal: controller.signal });
        try {
          for await (const _ of read) controller.abort("seen enough");
        } catch (error) {
          return { code: error.code, cause: error.cause };
        }
        return undefined;
      }, worker);
      assert.deepEqual(outcome, { code: "CANCELLED", cause: "seen enough" });
      for (const name of ["flood", "again"]) {
        const call = await faulty.call(name);
        for (const until = Date.now() + 5_000; call.hungUp === undefined && Date.now() < until; ) {
          await new Promise((done) => setTimeout(done, 5));
        }
        assert.notEqual(call.hungUp, undefined, `${name} was read on`);
      }
    } finally {
      await faulty.stop();
    }
  });
}
