import { nodeProcess } from "./platform.js";

/** A browser has six connections to a server over HTTP/1.1. One of them stays free for calls that are soon over. */
const MOST = 5;

interface Line {
  running: number;
  waiting: (() => void)[];
}

const lines = new Map<string, Line>();

/**
 * @internal Waits until the read `call` at `url` may begin; it holds its place until `signal` is aborted, which also takes
 * it out of the line.
 */
export async function turn(url: string, call: string, signal: AbortSignal): Promise<void> {
  const { origin } = new URL(url);
  // Whatever is no read of points or windows is soon over.
  if (!/(Values|Windows)$/.test(call) || !isLimited(origin)) return;
  let line = lines.get(origin);
  if (!line) lines.set(origin, (line = { running: 0, waiting: [] }));
  const { waiting } = line;
  const held = () => signal.addEventListener("abort", () => next(line), { once: true });
  if (line.running < MOST) {
    line.running += 1;
    return held();
  }
  warn(origin);
  await new Promise<void>((begin, leave) => {
    const left = () => {
      waiting.splice(waiting.indexOf(begun), 1);
      leave(signal.reason);
    };
    const begun = () => {
      signal.removeEventListener("abort", left);
      held();
      begin();
    };
    waiting.push(begun);
    signal.addEventListener("abort", left, { once: true });
  });
}

/** @internal Whether reads from the server of `url` wait in line. */
export function isCrowded(url: string): boolean {
  return (lines.get(new URL(url).origin)?.waiting.length ?? 0) > 0;
}

function next(line: Line): void {
  const first = line.waiting.shift();
  if (first) first();
  else line.running -= 1;
}

/**
 * Whether only few connections lead to `origin`: browsers speak HTTP/2 over TLS alone, and say what they spoke. Where they
 * keep that to themselves, as of servers elsewhere without `timing-allow-origin`, it is taken to be HTTP/2, which almost
 * all servers behind TLS have: a wrong guess leaves the calls to the browser's own line, the other would slow down all.
 */
function isLimited(origin: string): boolean {
  if (nodeProcess()) return false;
  if (origin.startsWith("http:")) return true;
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const known = entries.findLast(({ name, nextHopProtocol }) => name.startsWith(`${origin}/`) && nextHopProtocol);
  return known?.nextHopProtocol === "http/1.1";
}

const warned = new Set<string>();

function warn(origin: string): void {
  if (warned.has(origin)) return;
  warned.add(origin);
  console.warn(
    `btrdb-web: ${origin} speaks HTTP/1.1, over which a browser makes few requests at a time: reads beyond ${MOST} wait ` +
      "for their turn. HTTP/2, which needs TLS, has no such limit (btrdb-local serve --listen-tls).",
  );
}
