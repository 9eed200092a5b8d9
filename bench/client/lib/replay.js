// A server of what was recorded, and of the page: HTTP/1.1, no compression, nothing kept by the browser.
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { drained } from "../../../tests/e2e/lib/faulty.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const PAGE = "<!doctype html><title>The client measured</title>";
const WORDS = "/words/";
const HEAD = 5;
/** What begins by itself. */
const ALONE = `${PAGE}<script type="module" src="/scripts/alone.js"></script>`;

/** Below it the bodies again, but for the points: of those the first message comes again and again. */
export const ENDLESS = "/endless";

/**
 * Serves `bodies` by their paths, and `folders` by the first part of theirs. A page asks for `/words/X` to say X, which its
 * `words` emit before there is an answer. `left` holds when each reader of what has no end hung up, in milliseconds since 1970.
 */
export async function replay(bodies, folders) {
  const words = new EventEmitter();
  const left = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const isEndless = path.startsWith(ENDLESS);
    const body = bodies.get(isEndless ? path.slice(ENDLESS.length) : path);
    if (body) {
      for await (const _ of request);
      if (isEndless && path.endsWith("/RawValues")) {
        response.once("close", () => left.push(performance.timeOrigin + performance.now()));
        return flood(response, body.subarray(0, HEAD + body.readUInt32BE(1)));
      }
      response.writeHead(200, { "content-type": "application/grpc-web+proto", "content-length": body.length });
      response.end(body);
      return;
    }
    if (path.startsWith(WORDS)) {
      words.emit(path.slice(WORDS.length));
      response.writeHead(204).end();
      return;
    }
    try {
      const [, first, ...rest] = path.split("/");
      const page = { "/": PAGE, "/alone": ALONE }[path];
      const file = page ?? (await readFile(join(folders[first] ?? "/nowhere", normalize(rest.join("/")))));
      response.writeHead(200, { "content-type": TYPES[extname(path) || ".html"] ?? "application/octet-stream" });
      response.end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    words,
    left,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Sends `message` as fast as the caller takes it, for as long. */
async function flood(response, message) {
  response.writeHead(200, { "content-type": "application/grpc-web+proto" });
  while (!response.destroyed) {
    if (!response.write(message)) await drained(response);
    await new Promise(setImmediate);
  }
}
