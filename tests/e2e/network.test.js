// What a page has of the network: few connections over HTTP/1.1, reasons that the browser keeps to itself.
import assert from "node:assert/strict";
import { get } from "node:https";
import { after, before, test } from "node:test";

import { passed, startBadProxy } from "./lib/bad-proxy.js";
import { launch } from "./lib/browser.js";
import { clientFolder } from "./lib/face.js";
import { GRPC_WEB, startFaulty } from "./lib/faulty.js";
import { startServer } from "./lib/server.js";
import { frame, points } from "./lib/wire.js";

const READS = 8;

let client;
let browser;
let server;
let tls;
let faulty;

before(async () => {
  client = clientFolder();
  const answer = (response) => void response.writeHead(200, GRPC_WEB).write(frame(points([1, 2])));
  faulty = await startFaulty({ folder: client.folder, answers: { stalled: { answer }, other: { answer } } });
  server = await startServer({ app: client.folder, extra: ["--listen-tls", "127.0.0.1:0", "--tls-self-signed"] });
  tls = await server.door("https:");
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await faulty?.stop();
  client?.remove();
});

/** A page of `url`, and what it warns of. */
async function opened(t, url) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  t.after(() => context.close());
  const page = await context.newPage();
  const warnings = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await page.goto(url);
  return { context, page, warnings };
}

/** Begins `count` reads in `page`, of which each waits once it has its first batch. */
function begin(page, { endpoint, path, count }) {
  return page.evaluate(async ({ endpoint, path, count }) => {
    const { connect } = await import("/npm/dist/index.js");
    const connection = await connect(endpoint);
    const [stream] = path ? await connection.streams([path]) : [connection.streamFromUuid(crypto.randomUUID())];
    window.reads = Array.from({ length: count }, () => {
      const controller = new AbortController();
      const loop = stream.values(undefined, undefined, { signal: controller.signal })[Symbol.asyncIterator]();
      const read = { stop: () => controller.abort("enough"), state: "waiting" };
      read.first = loop.next().then(() => (read.state = "reading"), (error) => (read.state = `${error.code} ${error.cause}`));
      return read;
    });
    window.states = () => window.reads.map(({ state }) => state);
    window.connection = connection;
  }, { endpoint, path, count });
}

/** What `look` gives once `isDone` holds for it, or after five seconds. */
async function settled(look, isDone) {
  for (const end = performance.now() + 5_000; performance.now() < end; ) {
    const seen = await look();
    if (isDone(seen)) return seen;
    await new Promise((done) => setTimeout(done, 20));
  }
  return look();
}

const pause = () => new Promise((done) => setTimeout(done, 200));
const open = (name) => faulty.calls.filter((call) => call.name === name && call.hungUp === undefined).length;

test("over HTTP/1.1 five reads at a time reach the server, the others in order, and one warning says so", async (t) => {
  const { page, warnings } = await opened(t, faulty.url);
  await begin(page, { endpoint: `${faulty.url}/stalled`, count: READS });
  assert.equal(await settled(() => open("stalled"), (count) => count === 5), 5);
  await pause();
  assert.equal(open("stalled"), 5);
  const states = await page.evaluate(() => states());
  assert.deepEqual(states, [...Array(5).fill("reading"), ...Array(3).fill("waiting")]);

  // One connection is free for calls that are soon over.
  assert.equal(await page.evaluate(async () => (await connection.info()).majorVersion), 5);

  // Who waits in line and has enough never gets to the server.
  const calls = faulty.calls.length;
  await page.evaluate(async () => {
    reads[5].stop();
    await reads[5].first;
  });
  assert.equal((await page.evaluate(() => states()))[5], "CANCELLED enough");
  await pause();
  assert.equal(faulty.calls.length, calls);

  // And the next in line takes the place of one that ends.
  await page.evaluate(() => reads[0].stop());
  const now = await settled(() => page.evaluate(() => states()), (states) => states[6] === "reading");
  assert.deepEqual(now.slice(5), ["CANCELLED enough", "reading", "waiting"]);
  assert.equal(open("stalled"), 5);

  await begin(page, { endpoint: `${faulty.url}/other`, count: READS });
  await pause();
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.match(warnings[0], /HTTP\/1\.1.*beyond 5 wait/);
});

test("over HTTP/2 all reads reach the server at once", { timeout: 60_000 }, async (t) => {
  const { page, warnings } = await opened(t, tls);
  await begin(page, { endpoint: tls, path: "seismic/ya/uv05/hhz", count: READS });
  const inWork = async () => {
    const text = await new Promise((done) => {
      get(`${tls}/metrics`, { rejectUnauthorized: false }, async (response) => done((await response.toArray()).join("")));
    });
    return Number(/^btrdb_calls_in_work\{call="ArrowRawValues"\} (\d+)/m.exec(text)?.[1]);
  };
  assert.equal(await settled(inWork, (count) => count === READS), READS);
  const states = await settled(() => page.evaluate(() => states()), (states) => !states.includes("waiting"));
  assert.deepEqual(states, Array(READS).fill("reading"));
  assert.deepEqual(warnings, []);
});

test("a read goes on where its line broke", async (t) => {
  let cuts = 0;
  const proxy = await startBadProxy(server.url, {
    answer: async (from, to, call) => {
      if (call !== "ArrowRawValues" || cuts === 3) return passed(from, to, call);
      cuts += 1;
      to.writeHead(from.statusCode, from.headers);
      let left = 1_500_000;
      for await (const chunk of from) {
        to.write(chunk.subarray(0, left));
        if ((left -= chunk.length) <= 0) break;
      }
      // Chromium drops what it has not handed out when a connection breaks.
      setTimeout(() => to.destroy(), 100);
    },
  });
  t.after(() => proxy.stop());
  const { page } = await opened(t, proxy.url);
  const counted = await page.evaluate(async () => {
    const { connect } = await import("/npm/dist/index.js");
    const [stream] = await (await connect("/")).streams(["seismic/ya/uv05/hhz"]);
    const range = ["2010-09-01", "2010-09-01T02:00:00Z"];
    const broken = await stream.values(...range).collect().then(() => undefined, ({ code, readSoFar }) => ({ code, readSoFar }));
    const { time } = await stream.values(...range, { resume: { delayMs: 1 } });
    return { broken, count: time.length, isAscending: time.every((at, place) => place === 0 || at - time[place - 1] === 10_000_000n) };
  });
  assert.equal(counted.broken.code, "UNAVAILABLE");
  assert.ok(counted.broken.readSoFar.rows > 0 && counted.broken.readSoFar.bytes > 0);
  assert.deepEqual([counted.count, counted.isAscending, cuts], [720_000, true, 3]);
});

/** Headers of an answer to a page of another origin. */
const allowing = (headers) => ({ "access-control-allow-origin": "*", ...headers });

const REFUSING = "content-type, x-grpc-web, authorization";

/** Each endpoint that a page fails to use, and what is found to be wrong with it. */
const CASES = {
  "a server that lets the page in": {
    finding: "ok",
    sent: preflight({ "access-control-allow-headers": "content-type, x-grpc-web, grpc-timeout" }),
    headers: { "access-control-expose-headers": "grpc-status, grpc-message" },
  },
  "a server that knows no page": { finding: "origin-refused", says: /does not let a page of http/ },
  "a server that does not allow a header": {
    finding: "preflight-refused",
    sent: preflight({ "access-control-allow-headers": REFUSING }),
    headers: {},
    says: /the headers grpc-timeout$/,
  },
  "a server that answers no preflight": {
    finding: "preflight-refused",
    sent: ({ method }, response) => method === "OPTIONS" && response.writeHead(405, allowing({})).end(),
    headers: {},
    says: /content-type, x-grpc-web, grpc-timeout/,
  },
  "a server that shows no status": {
    finding: "expose-headers",
    sent: preflight({ "access-control-allow-headers": "*" }),
    headers: { "access-control-expose-headers": "" },
    says: /grpc-status/,
  },
};

function preflight(headers) {
  return (request, response) => {
    if (request.method !== "OPTIONS") return false;
    response.writeHead(204, allowing({ "access-control-allow-methods": "POST", ...headers })).end();
    return true;
  };
}

const diagnosed = (page, endpoint) =>
  page.evaluate(async (endpoint) => (await import("/npm/dist/diagnose.js")).diagnose(endpoint, { timeoutMs: 3_000 }), endpoint);

for (const [name, { finding, sent, headers, says = /./ }] of Object.entries(CASES)) {
  test(`diagnosis of ${name}`, async (t) => {
    const answer = (from, to, call) => passed(from, to, call, { ...from.headers, ...(headers && allowing(headers)) });
    const proxy = await startBadProxy(server.url, { sent, answer });
    t.after(() => proxy.stop());
    const { page } = await opened(t, server.url);
    const found = await diagnosed(page, proxy.url);
    assert.equal(found.finding, finding, found.message);
    assert.match(found.message, says);
  });
}

test("diagnosis of what needs no answer: the page's own server, mixed content, nobody, no network", async (t) => {
  const { context, page } = await opened(t, server.url);
  const secure = await opened(t, tls);
  const finding = async (page, endpoint) => (await diagnosed(page, endpoint)).finding;
  assert.equal(await finding(page, "/"), "ok");
  assert.equal(await finding(secure.page, "http://db.example:4410"), "mixed-content");
  assert.equal(await finding(secure.page, "/"), "ok");
  assert.equal(await finding(page, "127.0.0.1:9"), "unreachable");
  await page.evaluate(() => import("/npm/dist/diagnose.js"));
  await context.setOffline(true);
  assert.equal(await finding(page, "http://db.example:4410"), "offline");
});
