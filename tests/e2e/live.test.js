// A stream that grows while it is looked at, and the gaps of one that does not.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "./lib/browser.js";
import * as explorer from "./lib/explorer.js";
import { startServer } from "./lib/server.js";

const { link, settled, span, until, view } = explorer;
const { connect } = await import(pathToFileURL(join(process.env.BTRDB_NPM, "dist/index.js")).href);

const START = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
const RATE = 50;

const folder = mkdtempSync(join(tmpdir(), "btrdb-live-"));
const server = await startServer({ data: join(folder, "data") });
const connection = await connect(server.url);
const browser = await launch();
after(async () => {
  connection.close();
  await browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A stream with points of all `seconds` from `START` on. */
async function streamOf(name, seconds) {
  const stream = await connection.create(crypto.randomUUID(), "live", { name });
  await add(stream, seconds);
  return stream;
}

/** More points, of all `seconds` from `START` on. */
async function add(stream, seconds) {
  const time = seconds.flatMap((second) =>
    Array.from({ length: RATE }, (_, at) => START + BigInt(second) * SECOND + (BigInt(at) * SECOND) / BigInt(RATE)),
  );
  await stream.insert({ time: BigInt64Array.from(time), value: Float64Array.from(time, (_, at) => Math.sin(at / 40)) });
}

const seconds = (from, to) => Array.from({ length: to - from }, (_, at) => from + at);
const after20 = { start: START, end: START + 20n * SECOND };
const pressed = (page) => page.getByTestId("live").getAttribute("aria-pressed");

test("who follows a stream sees what comes, until they look elsewhere", async () => {
  const stream = await streamOf("growing", seconds(0, 60));
  const page = await explorer.open(browser, link(server, [stream.uuid], after20));
  await settled(page);
  await page.getByTestId("plot").focus();
  await page.keyboard.press("l");
  const shows = (time) => (range) => range.start < time && time < range.end;
  const newest = (second) => START + BigInt(second) * SECOND - SECOND / BigInt(RATE);
  await until(page, view, shows(newest(60)));
  assert.equal(span(await view(page)), span(after20), "it moves, and keeps its width");

  await add(stream, seconds(60, 75));
  await until(page, view, shows(newest(75)));
  await settled(page);
  assert.equal(await explorer.lane(page).getAttribute("data-state"), "OK");
  const room = (Number((await view(page)).end - newest(75)) / Number(span(after20))) * 100;
  assert.ok(Math.abs(room - 5) < 0.1, `${room} % of the width lie behind the newest point`);

  // Closer in about the middle, the newest point is out of sight.
  for (let turn = 0; turn < 4; turn += 1) await page.keyboard.press("w");
  await until(page, pressed, (text) => text === "false");
  const there = await view(page);
  await add(stream, seconds(75, 80));
  const version = (await stream.version()).toString();
  await until(page, () => page.getByTestId("versions").innerText(), (text) => text.endsWith(` ${version}`));
  assert.deepEqual(await view(page), there, "it has been learnt of, and the view stays");

  await page.getByTestId("live").click();
  await until(page, view, shows(newest(80)));
  await page.keyboard.press("z");
  await until(page, view, (range) => range.start === there.start && range.end === there.end);
  assert.equal(await pressed(page), "false");
  await explorer.close(page);
});

test("a box that is marked elsewhere ends the following", async () => {
  const stream = await streamOf("boxed", seconds(0, 60));
  const page = await explorer.open(browser, link(server, [stream.uuid], after20));
  await settled(page);
  await page.getByTestId("plot").focus();
  await page.keyboard.press("l");
  await until(page, view, (range) => range.end > START + 60n * SECOND);
  await settled(page);
  const box = await page.locator("canvas.series").boundingBox();
  const [x, y] = [box.x + box.width / 10, box.y + box.height / 2];
  await page.keyboard.down("Shift");
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + box.width / 4, y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await until(page, pressed, (text) => text === "false");
  await settled(page);
  const there = await view(page);
  await add(stream, seconds(60, 65));
  const version = (await stream.version()).toString();
  await until(page, () => page.getByTestId("versions").innerText(), (text) => text.endsWith(` ${version}`));
  assert.deepEqual(await view(page), there);
  await explorer.close(page);
});

test("what has come to a stream while it was not shown is there when it is shown again", async () => {
  const stream = await streamOf("absent", [...seconds(0, 5), ...seconds(10, 20)]);
  const page = await explorer.open(browser, link(server, [stream.uuid], after20));
  const points = (count) => until(page, () => page.getByTestId("points").innerText(), (text) => text.includes(count));
  await settled(page);
  await points("750 points");
  await explorer.lane(page).hover();
  await page.getByTestId("remove-lane").click();
  await until(page, () => page.evaluate(() => location.hash), (hash) => !hash.includes(stream.uuid));
  await add(stream, seconds(5, 10));
  await page.goBack();
  await settled(page);
  await points("1000 points");
  await explorer.close(page);
});

test("a search for a gap is given up by Escape, and by going elsewhere", async () => {
  const stream = await streamOf("searched", [...seconds(0, 100), ...seconds(200, 300)]);
  const page = await explorer.open(browser, link(server, [stream.uuid], after20));
  await settled(page);
  await page.getByTestId("plot").focus();
  // From here on nothing is answered.
  await page.route("**/v5api.BTrDB/*", () => {});
  for (const key of ["Escape", "d"]) {
    const asked = page.waitForEvent("request");
    await page.keyboard.press("]");
    const question = await asked;
    const dropped = page.waitForEvent("requestfailed", (request) => request === question);
    await page.keyboard.press(key);
    await dropped;
  }
  await explorer.close(page);
});

test("brackets go from gap to gap, to the nanosecond, and on to the ends of the data", async () => {
  const stream = await streamOf("lacking", [...seconds(0, 100), ...seconds(103, 200), ...seconds(250, 900)]);
  const page = await explorer.open(browser, link(server, [stream.uuid], after20));
  await settled(page);
  await page.getByTestId("plot").focus();
  /** Where data stop: just after the last point before this second. */
  const stop = (second) => START + BigInt(second) * SECOND - SECOND / BigInt(RATE) + 1n;
  const press = async (key, time) => {
    await page.keyboard.press(key);
    const middle = ({ start, end }) => (start + end) / 2n;
    await until(page, view, (range) => middle(range) - time <= 1n && time - middle(range) <= 1n);
    assert.equal(span(await view(page)), span(after20));
  };
  const says = (words) => until(page, () => page.getByTestId("said").innerText(), (text) => text === words);
  await press("]", stop(100));
  await says("lacking: no data for 3.02 s");
  await press("]", stop(200));
  await press("]", stop(900) - 1n);
  await says("lacking: the data end here");
  await page.keyboard.press("]");
  await says("lacking: no gap further on that shows at this zoom");
  await press("[", stop(200));
  await press("[", stop(100));
  await press("[", START);
  await says("lacking: the data begin here");
  await press("z", stop(100));

  // As wide as the whole, three seconds of fifteen minutes are still a column; of a year they are none.
  const year = { start: START, end: START + 365n * 86_400n * SECOND };
  await page.goto(link(server, [stream.uuid], year));
  await settled(page);
  await page.getByTestId("plot").focus();
  await page.keyboard.press("[");
  await says("lacking: the data end here");
  await explorer.close(page);
});
