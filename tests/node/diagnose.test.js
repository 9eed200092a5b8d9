// What keeps a program from a server, each case with a real server or proxy that has it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { diagnose } from "btrdb-web/diagnose";

import { passed, startBadProxy } from "../e2e/lib/bad-proxy.js";
import { startServer } from "../e2e/lib/server.js";
import { fixture, ramp } from "./lib/fixture.js";

let stream;
const shared = fixture(async ({ connection }) => {
  stream = await ramp(connection, "long", 200_000);
});
const folder = mkdtempSync(join(tmpdir(), "btrdb-diagnose-"));
const cleanUp = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const stop of cleanUp.reverse()) await stop();
});

/** The address of a server that is stopped in the end. */
async function started(starting) {
  const server = await starting;
  cleanUp.push(() => server.stop());
  return server.url;
}

/** The address of an HTTP server that answers with `status`, `type` and `text`. */
async function page(status, type, text) {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": type }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

async function onlyHttp2() {
  // What a server of HTTP/2 without TLS says to anybody: its settings.
  const server = createSocket((socket) => socket.on("error", () => {}).end(Buffer.from("000000040000000000", "hex")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(() => server.close());
  return `127.0.0.1:${server.address().port}`;
}

let guarded;
function withKeys() {
  const keys = join(folder, "keys");
  writeFileSync(keys, "right\n");
  guarded ??= started(startServer({ data: join(folder, "with-keys"), extra: ["--api-keys", keys] }));
  return guarded;
}

const grpcOnly = () => started(startServer({ data: join(folder, "native"), extra: ["--native-only"] }));

/** A proxy that keeps answers until they are complete, which it makes take a while. */
const buffering = () => started(startBadProxy(shared.server.url, {
  answer: async (from, to, call) => {
    if (call !== "RawValues") return passed(from, to, call);
    const chunks = await from.toArray();
    await new Promise((done) => setTimeout(done, 300));
    to.writeHead(from.statusCode, from.headers).end(Buffer.concat(chunks));
  },
}));

const HTML = "<html><title>Welcome</title></html>";

const CASES = [
  ["ok", "a sound server", async () => shared.server.url, { says: /BTrDB answers/, remedy: /^$/ }],
  ["ok", "a sound server and a long answer", async () => shared.server.url, { long: true, says: /as it is made/, remedy: /^$/ }],
  ["ok", "the right key", withKeys, { apiKey: "right", remedy: /^$/ }],
  ["unreachable", "nobody", async () => "127.0.0.1:1", { says: /ECONNREFUSED|bad port/, remedy: /runs/ }],
  ["unreachable", "a name that does not exist", async () => "http://nowhere.invalid", { remedy: /address/ }],
  ["not-grpc", "a page", () => page(200, "text/html", HTML), { says: /HTTP 200 with text\/html: Welcome/, remedy: /v5api/ }],
  ["not-grpc", "a path that nobody serves", () => page(404, "text/plain", "Not Found"), { says: /HTTP 404/ }],
  ["plain-grpc", "btrdb-local with gRPC alone", grpcOnly, { says: /HTTP 415/, remedy: /--native-only/ }],
  ["plain-grpc", "a gRPC server behind a proxy that does not translate", () => page(200, "application/grpc", ""), { remedy: /grpc_web/ }],
  ["plain-grpc", "a server of HTTP/2 alone", onlyHttp2, { says: /HTTP\/1\.1/ }],
  ["gateway", "a proxy whose server is gone", () => page(503, "text/plain", "no healthy upstream"), { says: /no healthy upstream/ }],
  ["wrong-key", "no key", withKeys, { says: /without a key/, remedy: /--api-keys/ }],
  ["wrong-key", "another key", withKeys, { apiKey: "wrong", says: /does not accept the key/ }],
  ["buffering", "a proxy that keeps answers", buffering, { long: true, says: /all at once/, remedy: /proxy_buffering off/ }],
];

for (const [finding, what, serve, { apiKey, long, says = /./, remedy = /./ }] of CASES) {
  test(`${what}: ${finding}`, async () => {
    const found = await diagnose(await serve(), { apiKey, stream: long && stream.uuid });
    assert.equal(found.finding, finding, found.message);
    assert.match(found.message, says);
    assert.match(found.remedy, remedy);
    assert.ok(!found.message.includes("wrong"), "no key in any message");
  });
}
