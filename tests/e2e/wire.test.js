// What the client, in a page and in Node, makes of answers that no sound server gives: typed errors, never a quiet end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";

import { launch } from "./lib/browser.js";
import { clientFolder, places } from "./lib/face.js";
import { GRPC_WEB, inChunks, sound, startFaulty, throttled } from "./lib/faulty.js";
import { frame, points, status, trailers } from "./lib/wire.js";

const MIB = 1 << 20;
const PAGE = "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body><hr><center>nginx</center></body></html>";

const two = frame(points([1, 2]));
const one = frame(points([3]));
const DETAILS = [["type.googleapis.com/google.rpc.RetryInfo", [10, 2, 8, 3]], ["type.googleapis.com/google.rpc.Help", []]];
const many = points(Array.from({ length: 330_000 }, (_, index) => index));

/**
 * The code of the error that each answer ends in, or how many points it has; what the error's message says, and which
 * details come with it.
 */
const CASES = {
  sound: { answer: (response) => sound(response, two, one), rows: 3 },
  "in single bytes": {
    answer: (response) => inChunks(response, [...Buffer.concat([two, trailers()])].map((byte) => Buffer.of(byte))),
    rows: 2,
  },
  "a message of over 6 MB": {
    answer: (response) => sound(response, frame(many)),
    rows: 330_000,
  },
  "status in headers alone": {
    answer: (response) =>
      response.writeHead(200, { ...GRPC_WEB, "grpc-status": "7", "grpc-message": "no%20entry%20%E2%9A%A1" }).end(),
    code: "PERMISSION_DENIED",
    says: /no entry ⚡/,
  },
  "details in headers": {
    answer: (response) =>
      response.writeHead(200, { ...GRPC_WEB, "grpc-status": "5", "grpc-status-details-bin": status(DETAILS) }).end(),
    code: "OTHER",
    details: DETAILS,
  },
  "details in trailers, without what fills up base64": {
    answer: (response) => {
      const details = status(DETAILS).replace(/=+$/, "");
      response.writeHead(200, GRPC_WEB).end(trailers(`grpc-status:5\r\ngrpc-status-details-bin:${details}\r\n`));
    },
    code: "OTHER",
    details: DETAILS,
  },
  "details that are none": {
    answer: (response) =>
      response.writeHead(200, GRPC_WEB).end(trailers("grpc-status:5\r\ngrpc-status-details-bin:CgX/not base64\r\n")),
    code: "OTHER",
  },
  "status in headers, then a frame of no trailers": {
    answer: (response) =>
      response.writeHead(200, { ...GRPC_WEB, "grpc-status": "16", "grpc-message": "who%3F" }).end(trailers("")),
    code: "UNAUTHENTICATED",
    says: /who\?/,
  },
  "a page that Envoy made a status of": {
    answer: (response) =>
      response.writeHead(503, { ...GRPC_WEB, "grpc-status": "14", "grpc-message": encodeURIComponent(PAGE) }).end(),
    code: "UNAVAILABLE",
    says: /Bad Gateway/,
  },
  "OK in headers, then a frame of no trailers": {
    answer: (response) =>
      response.writeHead(200, { ...GRPC_WEB, "grpc-status": "0" }).end(Buffer.concat([two, trailers("")])),
    rows: 2,
  },
  "OK in headers, then an error": {
    answer: (response) =>
      response
        .writeHead(200, { ...GRPC_WEB, "grpc-status": "0" })
        .end(Buffer.concat([two, trailers("grpc-status:13\r\ngrpc-message:disk%20full\r\n")])),
    code: "SERVER",
    says: /disk full.*after 2 rows up to time 2/,
  },
  "trailers only": {
    answer: (response) => response.writeHead(200, GRPC_WEB).end(trailers("grpc-status:5\r\ngrpc-message:gone\r\n")),
    code: "OTHER",
    says: /gone/,
  },
  "a BTrDB error as a status": {
    answer: (response) =>
      response.writeHead(200, GRPC_WEB).end(trailers("grpc-status:2\r\ngrpc-message:[404]%20no%20stream\r\n")),
    code: "STREAM_NOT_FOUND",
    says: /no stream/,
  },
  "an error after data": {
    answer: (response) =>
      inChunks(response, [two, one, trailers("grpc-status:14\r\ngrpc-message:going%20down\r\n")]),
    code: "UNAVAILABLE",
    says: /going down, after 3 rows up to time 3/,
  },
  "trailers cut in two": {
    answer: (response) => {
      const end = trailers("grpc-status: 8\r\ngrpc-message: too%20much");
      return inChunks(response, [two, end.subarray(0, 3), end.subarray(3, 17), end.subarray(17)]);
    },
    code: "SERVER",
    says: /too much.*after 2 rows/,
  },
  "compressed trailers": {
    answer: (response) =>
      response.writeHead(200, GRPC_WEB).end(trailers(gzipSync("grpc-status: 10\r\ngrpc-message: again\r\n"), 0x81)),
    code: "OTHER",
    says: /again/,
  },
  "no trailers": {
    answer: (response) => inChunks(response, [two]),
    code: "BAD_RESPONSE",
    says: /cut short.*after 2 rows up to time 2/,
  },
  "cut within a message": {
    answer: (response) => inChunks(response, [two, one.subarray(0, 12)]),
    code: "BAD_RESPONSE",
    says: /cut short.*after 2 rows/,
  },
  "nothing at all": {
    answer: (response) => response.writeHead(200, GRPC_WEB).end(),
    code: "BAD_RESPONSE",
  },
  "something after the trailers": {
    answer: (response) => inChunks(response, [two, trailers(), one]),
    code: "BAD_RESPONSE",
    says: /follows the end.*after 2 rows/,
  },
  "a socket dropped within a message": {
    answer: async (response) => {
      response.writeHead(200, GRPC_WEB).write(Buffer.concat([two, one.subarray(0, 12)]));
      await new Promise((done) => setTimeout(done, 50));
      response.socket.destroy();
    },
    code: "UNAVAILABLE",
    says: /connection broke.*after 2 rows up to time 2/,
  },
  "a socket dropped before any answer": {
    answer: (response) => response.socket.destroy(),
    code: "UNAVAILABLE",
  },
  "a length of 4 GiB": {
    answer: (response) => inChunks(response, [two, frame(Buffer.from("x"), { length: 2 ** 32 - 1 })]),
    code: "BAD_RESPONSE",
    says: /4294967295 bytes.*after 2 rows/,
  },
  "a length of 65 MiB": {
    answer: (response) => inChunks(response, [frame(Buffer.from("x"), { length: 65 * MIB })]),
    code: "BAD_RESPONSE",
    says: /too large/,
  },
  "a length of 60 MiB that is a lie": {
    answer: (response) => inChunks(response, [frame(Buffer.from("x"), { length: 60 * MIB })]),
    code: "BAD_RESPONSE",
    says: /cut short/,
  },
  "no protobuf": { answer: (response) => sound(response, frame(Buffer.alloc(40, 255))), code: "BAD_RESPONSE" },
  "no frames": { answer: (response) => inChunks(response, [Buffer.from(PAGE)]), code: "BAD_RESPONSE" },
  "a message packed by gzip": {
    answer: (response) =>
      response
        .writeHead(200, { ...GRPC_WEB, "grpc-encoding": "gzip" })
        .end(Buffer.concat([frame(gzipSync(points([1, 2])), { flags: 1 }), one, trailers()])),
    rows: 3,
  },
  "a message packed by deflate": {
    answer: (response) =>
      response
        .writeHead(200, { ...GRPC_WEB, "grpc-encoding": "deflate" })
        .end(Buffer.concat([frame(deflateSync(points([1, 2])), { flags: 1 }), trailers()])),
    rows: 2,
  },
  "a message packed by gzip, whose header a proxy keeps back": {
    answer: (response) => sound(response, frame(gzipSync(points([1, 2])), { flags: 1 })),
    rows: 2,
  },
  "a message that says it is packed": {
    answer: (response) => sound(response, two, frame(points([3]), { flags: 1 })),
    code: "BAD_RESPONSE",
    says: /after 2 rows/,
  },
  "a message that unpacks to 200 MiB": {
    answer: (response) => sound(response, frame(gzipSync(Buffer.alloc(200 * MIB)), { flags: 1 })),
    code: "BAD_RESPONSE",
    says: /unpacks to more than/,
  },
  ...pages({
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "UNIMPLEMENTED",
    429: "UNAVAILABLE",
    500: "BAD_RESPONSE",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "UNAVAILABLE",
    200: "BAD_RESPONSE",
  }),
};

/** A page of HTML instead of an answer, by its status. */
function pages(codes) {
  const cases = Object.entries(codes).map(([status, code]) => [
    `a page of status ${status}`,
    {
      answer: (response) => response.writeHead(Number(status), { "content-type": "text/html" }).end(PAGE),
      code,
      says: new RegExp(`HTTP ${status}.*text/html.*Bad Gateway nginx`),
    },
  ]);
  return Object.fromEntries(cases);
}

/** Answers that never end by themselves. */
const ENDLESS = {
  silent: { answer: () => {} },
  stalled: { answer: (response) => void response.writeHead(200, GRPC_WEB).write(two) },
  slow: { answer: (response, call) => throttled(response, call, two, 10) },
  // As fast as the caller takes it.
  flood: { answer: (response, call) => throttled(response, call, frame(many), 0) },
};

const SLUGS = Object.fromEntries(Object.keys(CASES).map((name) => [name, name.replace(/[^A-Za-z0-9]+/g, "-")]));

let client;
let server;
let browser;
/** Calls a function in each place. */
const inside = {};

before(async () => {
  client = clientFolder();
  const answers = Object.fromEntries(Object.entries(CASES).map(([name, answer]) => [SLUGS[name], answer]));
  server = await startFaulty({ folder: client.folder, answers: { ...answers, ...ENDLESS } });
  browser = await launch();
  for (const [place, enter] of Object.entries(places)) inside[place] = await enter(server.url, browser);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  client?.remove();
});

for (const place of Object.keys(places)) {
  for (const [name, { rows, code, says, details = [] }] of Object.entries(CASES)) {
    test(`${place}: ${name}`, { timeout: 30_000 }, async () => {
      const outcome = await inside[place](async (path) => {
        const read = await stream(path);
        return tried(() => read.values(0n, 1_000_000n));
      }, SLUGS[name]);
      if (code === undefined) return assert.equal(outcome.rows, rows, outcome.message);
      assert.equal(outcome.code, code, outcome.message ?? `${outcome.rows} rows`);
      assert.ok(outcome.isError);
      assert.match(outcome.message, /^RawValues of stream 00000000-0000-0000-0000-000000000007: ./);
      if (says) assert.match(outcome.message, says);
      assert.deepEqual(outcome.details, details);
      assert.equal(outcome.retryable, code === "UNAVAILABLE");
    });
  }

  for (const name of Object.keys(ENDLESS)) {
    test(`${place}: an abort ends the work of a server that is ${name}`, { timeout: 30_000 }, async () => {
      const { outcome } = await stopped(place, name, async (path) => {
        const read = await stream(path);
        const controller = new AbortController();
        const reading = tried(() => read.values(0n, 1_000_000n, { signal: controller.signal }));
        await new Promise((done) => setTimeout(done, 150));
        controller.abort("seen enough");
        return { outcome: await reading };
      });
      assert.deepEqual([outcome.code, outcome.cause], ["CANCELLED", "seen enough"]);
    });
  }

  for (const name of ["silent", "stalled", "slow"]) {
    test(`${place}: a deadline ends the work of a server that is ${name}`, { timeout: 30_000 }, async () => {
      const { outcome, call } = await stopped(place, name, async (path) => {
        const read = await stream(path);
        return { outcome: await tried(() => read.values(0n, 1_000_000n, { timeoutMs: 300 })) };
      });
      assert.equal(outcome.code, "DEADLINE_EXCEEDED", outcome.message);
      assert.ok(outcome.took >= 299, `after ${outcome.took} ms`);
      assert.match(call.headers["grpc-timeout"], /^\d{1,8}[numSMH]$/);
    });
  }

  for (const name of ["silent", "stalled"]) {
    test(`${place}: a server that is ${name} is left when nothing comes any longer`, { timeout: 30_000 }, async () => {
      const { outcome } = await stopped(place, name, async (path) => {
        const read = await stream(path);
        return { outcome: await tried(() => read.values(0n, 1_000_000n, { stallMs: 300 })) };
      });
      assert.equal(outcome.code, "UNAVAILABLE", outcome.message);
      assert.match(outcome.message, /nothing came for 300 ms/);
      assert.ok(outcome.retryable);
    });
  }

  test(`${place}: a break ends the work of the server`, { timeout: 30_000 }, async () => {
    await stopped(place, "slow", async (path) => {
      const read = await stream(path);
      let batches = 0;
      for await (const _ of read.values(0n, 1_000_000n)) {
        batches += 1;
        if (batches === 3) break;
      }
      return {};
    });
  });

  test(`${place}: who does not read is sent little, and an abort ends that too`, { timeout: 30_000 }, async () => {
    const { call } = await stopped(place, "flood", async (path) => {
      const read = await stream(path);
      const controller = new AbortController();
      const batches = read.values(0n, 1_000_000n, { signal: controller.signal })[Symbol.asyncIterator]();
      await batches.next();
      await new Promise((done) => setTimeout(done, 1_000));
      controller.abort("seen enough");
      return {};
    });
    // Chromium and the system take some 70 MiB in for a page that reads no more, whatever client it has.
    assert.ok(call.sent < 160 * MIB, `${call.sent} bytes for one batch`);
  });
}

/**
 * Calls `stop` in a place, says what came of it, and waits until the server sees its caller go: how soon that is,
 * `cargo xtask bench client` measures.
 */
async function stopped(place, name, stop) {
  const before = server.calls.filter((call) => call.name === name).length;
  const reading = inside[place](stop, name);
  const call = await server.call(name, before + 1);
  const { outcome } = await reading;
  const deadline = performance.now() + 10_000;
  while (call.hungUp === undefined && performance.now() < deadline) await new Promise((done) => setTimeout(done, 2));
  assert.ok(call.hungUp !== undefined, `${name}: the server still works for nobody`);
  return { outcome, call };
}
