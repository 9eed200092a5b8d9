// A way to a server that takes its time: everything on it arrives late, at a pace if need be, and is counted.
import { once } from "node:events";
import { connect, createServer } from "node:net";

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/**
 * Starts a proxy to the server at `port` of this machine. Each way takes `millis`; `bytesPerMilli` is what all answers
 * together take on their way back.
 *
 * `calls` holds, for every HTTP/1.1 request that passes: its `path` and `body`, how many `bytes` of its answer have been
 * passed on and whether that was all of it (`isComplete`), and when its caller `hungUp`, by `performance.now()`; `refused`
 * when connections were made while they were cut.
 */
export async function startProxy(port, { millis = 25, bytesPerMilli = Infinity } = {}) {
  const calls = [];
  const sockets = new Set();
  const proxy = { calls, millis, bytesPerMilli, cut: false, refused: [] };
  let lineFreeAt = 0;

  /** Passes what `from` says to `to`, late, and the end of it. */
  const pass = (from, to, delay, passed = () => {}) => {
    let last = 0;
    const later = (act, bytes) => {
      // What was said first arrives first.
      last = Math.max(last, delay(bytes));
      // What nobody waits for any more keeps nobody up.
      setTimeout(act, Math.max(0, last - performance.now())).unref();
    };
    const say = (chunk) => {
      if (to.destroyed) return;
      to.write(chunk);
      passed(chunk);
    };
    from.on("data", (chunk) => later(() => say(chunk), chunk.length));
    from.on("end", () => later(() => to.end(), 0));
    from.on("close", () => later(() => to.destroy(), 0));
    from.on("error", () => {});
  };

  const server = createServer((caller) => {
    if (proxy.cut) {
      proxy.refused.push(performance.now());
      return caller.destroy();
    }
    const callee = connect(port, "127.0.0.1");
    for (const socket of [caller, callee]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    let current;
    caller.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      const [, path] = /^(?:POST|GET|OPTIONS) (\S+) HTTP/.exec(text) ?? [];
      if (path) {
        const head = text.indexOf("\r\n\r\n") + 4;
        current = { path, body: chunk.subarray(head), bytes: 0, isComplete: false, hungUp: undefined };
        calls.push(current);
      } else if (current) {
        current.body = Buffer.concat([current.body, chunk]);
      }
    });
    caller.once("close", () => {
      if (current) current.hungUp ??= performance.now();
    });
    pass(caller, callee, () => performance.now() + proxy.millis);
    pass(callee, caller, (bytes) => {
      const begins = Math.max(performance.now(), lineFreeAt);
      lineFreeAt = begins + bytes / proxy.bytesPerMilli;
      return lineFreeAt + proxy.millis;
    }, (chunk) => {
      if (!current) return;
      current.bytes += chunk.length;
      // Answers of the service come in chunks, of which the last is empty.
      current.isComplete ||= chunk.subarray(-5).equals(LAST_CHUNK);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Calls for data, not for the page or for small questions, since the `from`-th. */
    reads: (from = 0) => calls.slice(from).filter(({ path }) => /\/(Arrow)?(AlignedWindows|RawValues)$/.test(path)),
    /** Cuts every connection, and new ones as soon as they are made. */
    cutAll() {
      proxy.cut = true;
      for (const socket of sockets) socket.destroy();
    },
    /** Lets connections through again. */
    mend() {
      proxy.cut = false;
    },
    async stop() {
      proxy.cutAll();
      server.close();
      await once(server, "close");
    },
  });
}
