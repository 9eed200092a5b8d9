// A server that answers as no sound server does, and notes when its callers hang up.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { frame, info, trailers } from "./wire.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/**
 * Starts a server over the files of `folder` whose calls answer as `answers` says: the path of an endpoint names one of
 * them, and every call to that endpoint but `Info` is given to it as `(response, call)`.
 *
 * `calls` holds, for each of those calls, its headers as they came, how many bytes it was sent, and when its caller hung
 * up, by `performance.now()`.
 */
export async function startFaulty({ folder, answers }) {
  const calls = [];
  const server = createServer(async (request, response) => {
    const [, name, service, method] = new URL(request.url, "http://localhost").pathname.split("/");
    if (service !== "v5api.BTrDB") return serve(folder, request.url, response);
    request.resume();
    if (method === "Info" && !answers[name].info) return sound(response, frame(info()));
    const call = { name, method, headers: request.headers, sent: 0, hungUp: undefined };
    calls.push(call);
    response.once("close", () => {
      if (!response.writableFinished) call.hungUp = performance.now();
    });
    await answers[name].answer(response, call);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    calls,
    /** Waits for the `count`-th call to the endpoint `name`. */
    async call(name, count = 1) {
      for (;;) {
        const found = calls.filter((call) => call.name === name);
        if (found.length >= count) return found[count - 1];
        await new Promise((done) => setTimeout(done, 2));
      }
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(folder, url, response) {
  const path = normalize(new URL(url, "http://localhost").pathname);
  try {
    const content = await readFile(join(folder, path === "/" ? "index.html" : path));
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? TYPES[".html"] }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

export const GRPC_WEB = { "content-type": "application/grpc-web+proto" };

/** Answers with `frames` and an end as it should be. */
export function sound(response, ...frames) {
  response.writeHead(200, GRPC_WEB).end(Buffer.concat([...frames, trailers()]));
}

/** Answers with `chunks`, each by itself on the wire, and ends as HTTP ends. */
export async function inChunks(response, chunks, headers = {}) {
  response.writeHead(200, { ...GRPC_WEB, ...headers });
  for (const chunk of chunks) {
    response.write(chunk);
    await new Promise((done) => setTimeout(done, 5));
  }
  response.end();
}

/** Sends `chunk` again and again, a pause of `millis` between, for as long as the caller takes it. */
export async function throttled(response, call, chunk, millis) {
  response.writeHead(200, GRPC_WEB);
  while (call.hungUp === undefined) {
    call.sent += chunk.length;
    if (!response.write(chunk)) await drained(response);
    await new Promise((done) => setTimeout(done, millis));
  }
}

/** Waits until there is room to write to `response` again, or nobody left to read it. */
export async function drained(response) {
  const over = new AbortController();
  const either = ["drain", "close"].map((event) => once(response, event, { signal: over.signal }));
  await Promise.race(either);
  over.abort();
  await Promise.allSettled(either);
}
