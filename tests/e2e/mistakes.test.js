// Links, addresses and servers that make no sense get words, and nothing breaks.
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import * as explorer from "./lib/explorer.js";
import { startServer } from "./lib/server.js";
import { browser, server } from "./lib/stage.js";

const { DAY, STREAMS, lane, link, settled, until } = explorer;
const ABSENT = "00000000-0000-4000-8000-000000000001";

test("a stream that is not there gets a word in its lane, and the others are drawn", async () => {
  const page = await explorer.open(browser, link(server, [ABSENT, STREAMS.uv05], DAY));
  await settled(page, 2);
  const absent = page.locator(`[data-stream="${ABSENT}"]`);
  await until(page, () => absent.first().getAttribute("data-state"), (state) => state === "STREAM_NOT_FOUND");
  assert.match(await absent.getByTestId("lane-message").innerText(), /not on the server/);
  assert.equal(await lane(page, "uv05").getAttribute("data-state"), "OK");
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "absent-stream.png") });
  await explorer.close(page);
});

for (const [what, fragment, words] of [
  ["a time that is no number", `streams=${STREAMS.uv05}&start=yesterday&end=2`, /whole number of nanoseconds/],
  ["a range that ends before it starts", `streams=${STREAMS.uv05}&start=2&end=1`, /a start and a later end/],
  ["a stream that is no uuid", "streams=%3Cscript%3E", /not a stream's uuid/],
]) {
  test(`a link with ${what} is told to be wrong, and the page opens as it would without`, async () => {
    const page = await explorer.open(browser, `${server.url}/#${fragment}`);
    await settled(page, 3);
    assert.match(await page.getByTestId("notice").innerText(), words);
    await explorer.close(page);
  });
}

test("a link that makes sense takes back what was said of one that made none", async () => {
  const page = await explorer.open(browser, `${server.url}/#streams=nonsense`);
  await settled(page, 3);
  const notices = () => page.getByTestId("notice").count();
  await until(page, notices, (count) => count === 1);
  await page.evaluate((url) => location.assign(url), link(server, [STREAMS.uv05], DAY));
  await settled(page);
  await until(page, notices, (count) => count === 0);
  await explorer.close(page);
});

test("who opens the form for a server types into it", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const there = await explorer.view(page);
  await page.getByTestId("open-connect").click();
  await page.locator("[name=endpoint]:focus").waitFor();
  await page.keyboard.type("wall");
  assert.equal(await page.locator("[name=endpoint]").inputValue(), "wall");
  assert.deepEqual(await explorer.view(page), there);
  await explorer.close(page);
});

test("a view far from all data says that there is none", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], { start: 0n, end: 1_000_000_000n }));
  await settled(page);
  assert.equal(await lane(page, "uv05").getAttribute("data-state"), "EMPTY");
  await explorer.close(page);
});

test("the ends of time can be looked at", async () => {
  const ends = { start: -(16n << 56n), end: 48n << 56n };
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], ends));
  await settled(page);
  assert.equal(await lane(page, "uv05").getAttribute("data-state"), "OK");
  await explorer.close(page);
});

test("an address without a server gets a word on the form, and the right one works afterwards", async () => {
  const page = await explorer.open(browser, server.url);
  await settled(page, 3);
  await page.getByTestId("open-connect").click();
  const form = page.getByTestId("connect-form");
  for (const endpoint of ["http://127.0.0.1:1", "no address at all", "ftp://127.0.0.1"]) {
    await form.locator("[name=endpoint]").fill(endpoint);
    await form.getByRole("button", { name: "Connect", exact: true }).click();
    const problem = page.getByTestId("connect-problem");
    await problem.waitFor();
    assert.match(await problem.innerText(), /No connection: .+/, endpoint);
  }
  await form.locator("[name=endpoint]").fill("");
  await form.getByRole("button", { name: "Connect", exact: true }).click();
  await settled(page, 3);
  await explorer.close(page);
});

test("an attempt to connect that answers late does not take the place of a later one", async () => {
  const other = await startServer({ app: undefined, data: mkdtempSync(join(tmpdir(), "btrdb-other-")) });
  const page = await explorer.open(browser, server.url);
  await settled(page, 3);
  await page.route(`${other.url}/**`, () => {});
  await page.getByTestId("open-connect").click();
  const form = page.getByTestId("connect-form");
  const connect = async (endpoint) => {
    await form.locator("[name=endpoint]").fill(endpoint);
    await form.getByRole("button", { name: "Connect", exact: true }).click();
  };
  const asked = page.waitForRequest((request) => request.url().startsWith(other.url));
  await connect(other.url);
  const question = await asked;
  const dropped = page.waitForEvent("requestfailed", (request) => request === question);
  await connect("");
  await dropped;
  await settled(page, 3);
  await explorer.close(page);
  await other.stop();
});

/** Answers what `is` says with a status, as a proxy would. */
function refuse(page, status, is) {
  const headers = { "content-type": "application/grpc-web+proto", "grpc-status": status };
  const answer = (route) => (is(route.request()) ? route.fulfill({ headers }) : route.continue());
  return page.route("**/v5api.BTrDB/*", answer);
}

test("a stream that a proxy cannot reach is that stream's trouble, and is back when it can", async () => {
  const page = await explorer.open(browser);
  const uuid = STREAMS.uv06.replaceAll("-", "");
  await refuse(page, "14", (request) => request.postDataBuffer().toString("hex").includes(uuid));
  await page.goto(link(server, [STREAMS.uv06, STREAMS.uv05], DAY));
  const state = (station, wanted) => until(page, () => lane(page, station).getAttribute("data-state"), (is) => is === wanted);
  await state("uv06", "UNAVAILABLE");
  await state("uv05", "OK");
  // Twice as often as it is asked again at first.
  for (const begun = performance.now(); performance.now() - begun < 2_000; ) {
    assert.equal(await page.getByTestId("offline").count(), 0);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.match(await lane(page, "uv05").getAttribute("data-resolution"), /^2\^/);
  await page.unrouteAll({ behavior: "wait" });
  await state("uv06", "OK");
  await settled(page, 2);
  await explorer.close(page);
});

test("what a poll reports is taken back by the next that succeeds", async () => {
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  const state = (wanted) => until(page, () => lane(page).getAttribute("data-state"), (is) => is === wanted);
  await refuse(page, "8", (request) => request.url().endsWith("/StreamInfo"));
  await state("SERVER");
  await page.unrouteAll({ behavior: "wait" });
  await state("OK");
  await explorer.close(page);
});

test("what keeps four streams from being shown is said in four ways, and a fifth is unhurt", async () => {
  const page = await explorer.open(browser);
  // As a proxy before a cluster answers where it knows whose stream it is, and where the cluster takes too long.
  const refusals = { [STREAMS.uv06]: "7", [STREAMS.uv10]: "4" };
  await page.route("**/v5api.BTrDB/*", (route) => {
    const body = route.request().postDataBuffer().toString("hex");
    const status = Object.entries(refusals).find(([uuid]) => body.includes(uuid.replaceAll("-", "")))?.[1];
    if (!status) return route.continue();
    return route.fulfill({ headers: { "content-type": "application/grpc-web+proto", "grpc-status": status } });
  });
  await page.goto(link(server, [ABSENT, STREAMS.uv06, STREAMS.uv10, STREAMS.uv05], DAY));
  const states = () => lane(page).evaluateAll((lanes) => lanes.map(({ dataset }) => dataset.state));
  const expected = ["STREAM_NOT_FOUND", "PERMISSION_DENIED", "DEADLINE_EXCEEDED", "OK"];
  await until(page, states, (seen) => seen.join() === expected.join());
  await settled(page, 4);
  const texts = await page.getByTestId("lane-message").allInnerTexts();
  assert.equal(texts.length, 3);
  for (const [at, words] of [/not on the server/, /no right/, /too long/].entries()) assert.match(texts[at], words);
  assert.match(await lane(page, "uv05").getAttribute("data-resolution"), /^2\^/);
  const row = page.locator(`[data-testid=stream-row][data-stream="${STREAMS.uv06}"]`);
  assert.match(await row.innerText(), /no right/, "the list says so too");

  await server.stop("SIGKILL");
  const box = await explorer.series(page, "uv05").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -240);
  const banner = page.getByTestId("offline");
  await banner.waitFor();
  texts.push(await banner.innerText());
  assert.equal(new Set(texts).size, 4, texts.join("; "));
  assert.equal((await states()).at(-1), "OK", "what was loaded stays");
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "four-ways.png") });
  await explorer.close(page);
});
