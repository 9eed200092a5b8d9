// The names of the JavaScript client that the tests of the wire use, in one place.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const STREAM = "00000000-0000-0000-0000-000000000007";

/** Whether the client has more than its raw exports: reads that are iterated, and timeouts. */
export const hasFront = existsSync(join(process.env.BTRDB_NPM ?? "", "dist", "index.js"));

/** A folder with the client and an empty page, for a server to serve. */
export function clientFolder() {
  const folder = mkdtempSync(join(tmpdir(), "btrdb-wire-"));
  cpSync(process.env.BTRDB_NPM, join(folder, "npm"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>The client in a page</title>");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Gives `page` three functions: `stream(path)`, `outcome(work)` and, with a front, `each(read, visit)`. */
export async function prepare(page) {
  await page.evaluate(
    async ({ hasFront, uuid }) => {
      const client = await import(hasFront ? "/npm/dist/index.js" : "/npm/btrdb_web.js");
      if (!hasFront) await client.default();
      Object.assign(window, {
        client,
        /** A stream of the server at a path of this one. */
        async stream(path, options) {
          const connection = await client.connect(`${location.origin}/${path}`, options);
          return connection.streamFromUuid(uuid);
        },
        /** What came of a read of points: how many there are, or the error in what can be carried out of the page. */
        async outcome(work) {
          const began = performance.now();
          try {
            const read = await work();
            return { rows: read.time.length, took: performance.now() - began };
          } catch (error) {
            const { name, message, code, grpcCode, btrdbCode, retryable, cause } = error;
            const took = performance.now() - began;
            const isError = error instanceof Error;
            return { isError, name, message, code, grpcCode, btrdbCode, retryable, cause: cause && String(cause), took };
          }
        },
      });
    },
    { hasFront, uuid: STREAM },
  );
}
