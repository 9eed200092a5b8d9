// A server with an empty data folder, and a connection to it, for the tests of one file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";

import { connect } from "btrdb-web";

import { startServer } from "../../e2e/lib/server.js";

/** 14 July 2017, 02:40 UTC. */
export const START = 1_500_000_000_000_000_000n;
export const SECOND = 1_000_000_000n;
export const ABSENT = "00000000-0000-4000-8000-000000000001";

/** What the tests of a file share, filled before the first of them and by `prepare`. */
export function fixture(prepare = async () => {}) {
  const shared = {};
  before(async () => {
    shared.folder = mkdtempSync(join(tmpdir(), "btrdb-node-"));
    shared.server = await startServer({ data: join(shared.folder, "data") });
    shared.connection = await connect(shared.server.url);
    await prepare(shared);
  });
  after(async () => {
    await shared.server?.stop();
    rmSync(shared.folder, { recursive: true, force: true });
  });
  return shared;
}

/** A new stream of `connection` with `count` points a second apart, whose values are their places. */
export async function ramp(connection, name, count, { collection = "test/ramp", ...tags } = {}) {
  const stream = await connection.create(crypto.randomUUID(), collection, { name, ...tags });
  const time = BigInt64Array.from({ length: count }, (_, place) => START + BigInt(place) * SECOND);
  const value = Float64Array.from({ length: count }, (_, place) => place);
  if (count > 0) await stream.insert({ time, value });
  return stream;
}

/** Follows what `fetch` is asked for: each request with whether it was aborted. Call `restore` at the end. */
export function watchRequests() {
  const { fetch } = globalThis;
  const requests = [];
  globalThis.fetch = (input, init) => {
    const signal = init?.signal ?? input.signal;
    const request = { url: String(input.url ?? input), isAborted: false };
    signal?.addEventListener("abort", () => (request.isAborted = true));
    requests.push(request);
    return fetch(input, init);
  };
  return { requests, restore: () => (globalThis.fetch = fetch) };
}
