// More reads than a browser makes over HTTP/1.1, in a page and in its worker: whoever can wait does, and nobody for ever.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import { clientFolder } from "./lib/face.js";
import { startServer } from "./lib/server.js";

const STREAMS = 8;
/** Two batches of each stream, so that a read is not over after the first. */
const POINTS = 40_000;

let data;
let client;
let server;
let browser;

before(async () => {
  data = mkdtempSync(join(tmpdir(), "btrdb-crowd-"));
  client = clientFolder();
  server = await startServer({ data, app: client.folder });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  client?.remove();
  rmSync(data, { recursive: true, force: true });
});

for (const worker of [false, true]) {
  test(`sets join more streams than there are places, side by side${worker ? ", in a worker" : ""}`, { timeout: 60_000 }, async () => {
    const page = await browser.newPage();
    const warnings = [];
    // Also those of workers.
    page.context().on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.goto(server.url);
    const counts = await page.evaluate(async ({ streams, points, worker }) => {
      const { StreamSet, connect } = await import("/npm/dist/index.js");
      const connection = await connect("/", { worker, parallel: streams });
      const time = BigInt64Array.from({ length: points }, (_, place) => BigInt(place) * 1_000_000_000n);
      const value = new Float64Array(points);
      const collection = `crowd/${worker}`;
      const made = await Promise.all(Array.from({ length: streams }, async (_, place) => {
        const stream = await connection.create(crypto.randomUUID(), collection, { name: `s${place}` });
        await stream.insert({ time, value });
        return stream;
      }));
      const rows = async (set) => {
        let rows = 0;
        for await (const row of set.rows()) rows += row.points.every((point) => point !== undefined);
        return rows;
      };
      const all = new StreamSet(made);
      const lines = async (set) => (await set.toCsv()).split("\n").length;
      const many = await Promise.all([rows(all), rows(new StreamSet(made.slice(0, 4))), lines(new StreamSet(made.slice(4)))]);
      // Inside of loops, each of which keeps its place.
      const inside = [];
      for await (const _ of made[0].values()) {
        for await (const _ of made[1].values()) {
          inside.push(await rows(all));
          break;
        }
        break;
      }
      connection.close();
      return [...many, ...inside];
    }, { streams: STREAMS, points: POINTS, worker });
    assert.deepEqual(counts, [POINTS, POINTS, POINTS + 2, POINTS]);
    assert.equal(warnings.filter((text) => /speaks HTTP\/1\.1/.test(text)).length, 1, warnings.join("\n"));
    await page.close();
  });
}
