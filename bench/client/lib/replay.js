// A server of what was recorded, and of the page: HTTP/1.1, no compression, nothing kept by the browser.
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const PAGE = "<!doctype html><title>The client measured</title>";
const WORDS = "/words/";
/** What begins by itself. */
const ALONE = `${PAGE}<script type="module" src="/scripts/alone.js"></script>`;

/**
 * Serves `bodies` by their paths, and `folders` by the first part of theirs. A page asks for `/words/X` to say X, which its
 * `words` emit before there is an answer.
 */
export async function replay(bodies, folders) {
  const words = new EventEmitter();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const body = bodies.get(path);
    if (body) {
      for await (const _ of request);
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
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
