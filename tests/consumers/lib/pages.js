// A web server for built pages, with a policy as strict as pages can have that use WebAssembly.
import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join, normalize } from "node:path";

/** What a page and a worker may do: nothing but what is on their own server. */
export const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:";

/** What a policy adds that allows workers from text. */
export const BLOBS = "worker-src 'self' blob:";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Serves the files of `folders`, of which each key is the first part of a path, and passes calls on to the BTrDB server at
 * `server`. `answers` maps paths to functions that answer instead.
 */
export async function startPages({ folders, server, answers = {}, policy = POLICY }) {
  const pages = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, "http://pages");
    if (pathname.startsWith("/v5api.BTrDB/")) return pass(asked, answer, server);
    // Pages may ask for workers from text.
    answer.setHeader("content-security-policy", asked.url.endsWith("&blob") ? `${policy}; ${BLOBS}` : policy);
    if (answers[pathname]) return answers[pathname](answer, asked);
    const [, first, ...rest] = normalize(decodeURIComponent(pathname)).split("/");
    send(folders[first] && join(folders[first], ...rest), answer);
  });
  pages.listen(0, "127.0.0.1");
  await once(pages, "listening");
  return {
    url: `http://127.0.0.1:${pages.address().port}`,
    stop() {
      pages.closeAllConnections();
      pages.close();
    },
  };
}

function send(path, answer) {
  if (!path || !statSync(path, { throwIfNoEntry: false })?.isFile()) {
    // As servers of single-page applications do it, but for the status.
    answer.writeHead(404, { "content-type": "text/html" });
    return answer.end("<!doctype html><title>Nothing here</title>");
  }
  answer.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
  return createReadStream(path).pipe(answer);
}

function pass(asked, answer, server) {
  const { method, headers, url } = asked;
  const onward = request(new URL(url, server), { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode, reply.headers);
    reply.pipe(answer);
  });
  onward.on("error", () => answer.destroy());
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}
