// A proxy in front of a real server, which does to its answers what bad lines and bad proxies do.
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { pipeline } from "node:stream/promises";

import { drained } from "./faulty.js";

/**
 * Starts a proxy to `upstream`. What comes back of a call is given to `answer` as `(from, to, call)`: the server's answer,
 * the one to write to the caller, and the name of the call; it is passed on unless given. `sent` sees a request first, and
 * what it answers itself goes no further.
 */
export async function startBadProxy(upstream, { answer = passed, sent = () => false } = {}) {
  const server = createServer((request, response) => {
    if (sent(request, response)) return request.resume();
    const { method, url, headers } = request;
    const asked = ask(new URL(url, upstream), { method, headers }, (from) => {
      answer(from, response, url.split("/").at(-1)).catch(() => response.destroy());
    });
    asked.on("error", () => response.destroy());
    response.on("close", () => asked.destroy());
    request.pipe(asked);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Passes an answer on as it is, or with other headers. */
export async function passed(from, to, _call, headers = from.headers) {
  to.writeHead(from.statusCode, headers);
  await pipeline(from, to).catch(() => to.destroy());
}

/** Passes on the first `bytes` of an answer's content; then `end` gets `to`. Gives whether it came to that. */
export async function cut(from, to, bytes, end) {
  to.writeHead(from.statusCode, from.headers);
  let left = bytes;
  for await (const chunk of from) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (!to.write(part)) await drained(to);
    if (left > 0) continue;
    // What was written is on its way before the end.
    await new Promise((done) => to.write("", done));
    end(to);
    return true;
  }
  to.end();
  return false;
}
