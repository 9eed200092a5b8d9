// The names of the JavaScript client that the tests of the wire use, in one place.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const STREAM = "00000000-0000-0000-0000-000000000007";

const ENTRY = "dist/index.js";

/** A folder with the client and an empty page, for a server to serve. */
export function clientFolder() {
  const folder = mkdtempSync(join(tmpdir(), "btrdb-wire-"));
  cpSync(process.env.BTRDB_NPM, join(folder, "npm"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>The client in a page</title>");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Where the client runs: each gives a function that calls another, with an argument, where there are `stream(path)` and
 * `tried(work)`, against the server at `url`.
 */
export const places = {
  Chromium: (url, browser) => inPage(url, browser, false),
  "a worker of Chromium": (url, browser) => inPage(url, browser, true),
  Node: (url) => inNode(url, false),
  "a worker of Node": (url) => inNode(url, true),
};

async function inPage(url, browser, worker) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(install, { entry: `/npm/${ENTRY}`, url, uuid: STREAM, worker });
  return (work, argument) => page.evaluate(work, argument);
}

async function inNode(url, worker) {
  const entry = pathToFileURL(join(process.env.BTRDB_NPM, ENTRY)).href;
  return async (work, argument) => {
    await install({ entry, url, uuid: STREAM, worker });
    return work(argument);
  };
}

async function install({ entry, url, uuid, worker }) {
  const client = await import(entry);
  Object.assign(globalThis, {
    /** A stream of the server at a path of `url`. */
    async stream(path) {
      const connection = await client.connect(`${url}/${path}`, { worker });
      return connection.streamFromUuid(uuid);
    },
    /** What came of a read of points: how many there are, or the error in what can be carried out of a page. */
    async tried(work) {
      const began = performance.now();
      try {
        const read = await work();
        return { rows: read.time.length, took: performance.now() - began };
      } catch (error) {
        const { name, message, code, grpcCode, btrdbCode, retryable, cause } = error;
        const took = performance.now() - began;
        const isError = error instanceof Error;
        const details = error.details?.map(({ typeUrl, value }) => [typeUrl, [...value]]);
        return { isError, name, message, code, grpcCode, btrdbCode, retryable, details, cause: cause && String(cause), took };
      }
    },
  });
}
