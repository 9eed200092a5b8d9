// The life of the WebAssembly module's instance, in a page and in Node: what is let go of goes, and one that failed is replaced.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { launch } from "./lib/browser.js";
import { clientFolder } from "./lib/face.js";
import { startServer } from "./lib/server.js";

/** Two batches, so that a read is not over after the first. */
const POINTS = 40_000;
const ENTRY = "dist/index.js";

const shared = {};

/** Nothing is held after a thousand of what took as much as `before` after a hundred, and the module has not grown by `most` bytes. */
function assertFlat(before, after, most) {
  assert.equal(after.handles, 0);
  const grown = after.memoryBytes - before.memoryBytes;
  assert.ok(grown < most, `the module grew by ${grown} bytes from ${before.memoryBytes}`);
}

const places = {
  Chromium: (work, argument) => shared.page.evaluate(work, { entry: `/npm/${ENTRY}`, ...argument }),
  Node: (work, argument) => work({ entry: pathToFileURL(join(process.env.BTRDB_NPM, ENTRY)).href, ...argument }),
};

before(async () => {
  setFlagsFromString("--expose-gc");
  globalThis.gc = runInNewContext("gc");
  shared.data = mkdtempSync(join(tmpdir(), "btrdb-life-"));
  shared.client = clientFolder();
  shared.server = await startServer({ data: shared.data, app: shared.client.folder });
  shared.browser = await launch(["--js-flags=--expose-gc"]);
  shared.page = await shared.browser.newPage();
  await shared.page.goto(shared.server.url);
  const { url } = shared.server;
  shared.uuid = await places.Node(async ({ entry, url, points }) => {
    const { connect } = await import(entry);
    const connection = await connect(url);
    const stream = await connection.create(crypto.randomUUID(), "life", { name: "ramp" });
    const time = BigInt64Array.from({ length: points }, (_, place) => BigInt(place) * 1_000_000_000n);
    await stream.insert({ time, value: new Float64Array(points) });
    return stream.uuid;
  }, { url, points: POINTS });
});

after(async () => {
  await shared.browser?.close();
  await shared.server?.stop();
  shared.client?.remove();
  rmSync(shared.data, { recursive: true, force: true });
});

for (const [place, run] of Object.entries(places)) {
  const argument = () => ({ url: shared.server.url, uuid: shared.uuid, points: POINTS });

  test(`${place}: connections, streams and reads that are closed leave nothing behind`, { timeout: 60_000 }, async () => {
    const [before, after] = await run(async ({ entry, url, uuid }) => {
      const { connect, stats } = await import(entry);
      const cycles = async (count) => {
        for (let cycle = 0; cycle < count; cycle += 1) {
          const connection = await connect(url);
          const set = await connection.streams([uuid]);
          const stream = set.at(0);
          for await (const _ of stream.values(0n, 9_000_000_000n)) break;
          stream.close();
          connection.close();
        }
      };
      const inLanes = async (count) => {
        await Promise.all([1, 2, 3, 4].map(() => cycles(count / 4)));
        return stats();
      };
      return [await inLanes(100), await inLanes(1_000)];
    }, argument());
    // A kilobyte of each, if any stayed.
    assertFlat(before, after, 2 ** 20);
  });

  test(`${place}: loops that are abandoned end after a while`, { timeout: 60_000 }, async () => {
    // A browser makes no more than six requests at a time.
    const atOnce = place === "Node" ? 50 : 5;
    const [before, after] = await run(async ({ entry, url, uuid, atOnce }) => {
      const { connect, stats } = await import(entry);
      const collect = async (left) => {
        // What is found to be abandoned is let go of in a turn of its own.
        for (let turn = 0; stats().handles > left && turn < 20; turn += 1) {
          gc();
          await new Promise((done) => setTimeout(done));
        }
      };
      const abandon = async (count) => {
        const connection = await connect(url);
        const stream = connection.streamFromUuid(uuid);
        for (let loop = 0; loop < count; loop += atOnce) {
          await Promise.all(Array.from({ length: atOnce }, () => stream.values()[Symbol.asyncIterator]().next()));
          await collect(2);
        }
        stream.close();
        connection.close();
        return stats();
      };
      return [await abandon(100), await abandon(1_000)];
    }, { ...argument(), atOnce });
    // How many answers are there at a time differs. If theirs stayed, it would be ten times this.
    assertFlat(before, after, 32 * 2 ** 20);
  });

  for (const worker of [false, true]) {
    const where = worker ? `${place}, in a worker` : place;
    test(`${where}: after a trap all goes on with another instance`, { timeout: 60_000 }, async () => {
      const outcome = await run(async ({ entry, url, uuid, worker }) => {
        const { ModuleFailed, connect, isoString } = await import(entry);
        const failure = (promise) =>
          promise.then(() => "nothing failed", (error) => [error instanceof ModuleFailed, error.code, error.message]);
        const connection = await connect(url, { worker });
        const stream = connection.streamFromUuid(uuid);
        const set = (await connection.streams([uuid], { versions: [await stream.version()] })).alignedWindows(40);
        // As many as a page may have under way over HTTP/1.1, and one more, which waits in line there.
        const loops = Array.from({ length: 6 }, () => stream.values()[Symbol.asyncIterator]());
        const begun = loops.map((loop) => loop.next());
        const last = begun[5].then(() => "begun", ({ code }) => code);
        await Promise.all(begun.slice(0, 5));
        // More than the module's memory can ever hold, of which nobody writes a byte.
        const huge = new Uint8Array(new WebAssembly.Memory({ initial: 2 ** 15 + 1 }).buffer);
        const meanwhile = failure(stream.descriptor());
        const [traps, told] = [await failure(stream.arrowInsert(huge)), await meanwhile];
        const left = worker ? "read elsewhere" : await failure(loops[0].next());
        await Promise.all(loops.map((loop) => loop.return()));

        // The same in what nobody waits for: an answer that cannot be taken in.
        const { fetch } = globalThis;
        globalThis.fetch = async (...given) => {
          globalThis.fetch = fetch;
          const { headers } = await fetch(...given);
          const body = new ReadableStream({ pull: (controller) => controller.enqueue(huge) }, { highWaterMark: 0 });
          return new Response(body, { headers });
        };
        const answered = await failure(connection.info());
        // The places of those that failed are free.
        const reads = await Promise.all(loops.map(() => stream.values()));
        const [{ count }] = await set.values();
        const minute = await stream.nearest(60_000_000_000n);
        connection.close();
        const rows = reads.map(({ time }) => time.length);
        return { failures: [traps, told, answered], left, last: await last, rows, count: Number(count.reduce((all, each) => all + each)), iso: isoString(minute.time) };
      }, { ...argument(), worker });
      const { failures, left, last, rows, count, iso } = outcome;
      const says = /^the WebAssembly module failed \(RuntimeError: .*unreachable.*\): later calls get a new instance of it$/;
      for (const [isFatal, code, message] of worker ? failures : [...failures, left]) {
        assert.deepEqual([isFatal, code], [true, "MODULE_FAILED"], message);
        assert.match(message, says);
      }
      if (where === "Chromium") assert.equal(last, "MODULE_FAILED");
      assert.deepEqual([rows, count, iso], [Array(6).fill(POINTS), POINTS, "1970-01-01T00:01:00.000000000Z"]);
    });
  }
}
