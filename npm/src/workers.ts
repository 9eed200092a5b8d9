import type { WorkerOption } from "./connect.js";
import { InvalidOperation } from "./errors.js";
import { compiledModule } from "./instance.js";
import { type Port, type WorkerLike, opened } from "./port.js";
import { Remote } from "./remote.js";
import type { TransportOptions } from "./transport.js";

/** The worker of all connections that say `true`. */
let shared: Remote | undefined;
/** Those that callers gave, or their functions made. */
const given = new WeakMap<WorkerLike, Remote>();

/** @internal {@link Reader}, which starts a worker by `own` for `true`. */
export async function reader(
  worker: WorkerOption,
  { apiKey, fetch, intercept }: TransportOptions,
  until: AbortSignal,
  own?: () => Promise<{ start: (end: AbortSignal) => Promise<Port> }>,
): Promise<Remote | undefined> {
  // Before any is made.
  until.throwIfAborted();
  if (typeof apiKey === "function" || fetch || intercept) {
    warn("a worker cannot call the functions that are given as apiKey, fetch or intercept");
    return undefined;
  }
  if (worker !== true) return ready(remoteOf(worker), until);
  if (!own) throw new InvalidOperation(`btrdb-web/slim has no worker: ${OWN}`);
  shared ??= new Remote(async (end) => (await own()).start(end), true);
  try {
    return await ready(shared, until);
  } catch (failure) {
    if (until.aborted) throw failure;
    const blobs = "blob: where a tool loses btrdb_web_worker.js";
    warn(`${(failure as Error).message}. Let the page's policy allow worker-src 'self', and ${blobs}; or ${OWN}`);
    return undefined;
  }
}

/** `remote`, once it answers. Held until then, or it would be started for nobody to end. */
async function ready(remote: Remote, until: AbortSignal): Promise<Remote> {
  remote.hold(until);
  until.addEventListener("abort", () => remote.leave(until), { once: true });
  await remote.ready();
  until.throwIfAborted();
  return remote;
}

/** What reads by `worker`: the same for all who give the same one, be it by functions. */
function remoteOf(worker: WorkerLike | (() => WorkerLike)): Remote {
  const isOurs = typeof worker === "function";
  let first: WorkerLike | undefined = isOurs ? worker() : worker;
  const known = given.get(first);
  if (known) return known;
  const next = (): WorkerLike => {
    if (!isOurs) return worker;
    const made = first ?? worker();
    if (!first && given.has(made)) throw new InvalidOperation(USED_UP);
    first = undefined;
    given.set(made, remote);
    return made;
  };
  const remote = new Remote(async (end) => opened(next(), compiledModule(), end, isOurs), isOurs);
  given.set(first, remote);
  return remote;
}

const USED_UP = "the function given as worker made none anew after the last was ended, since nobody needed it or it failed";

const OWN = "give connect() a worker of your own that calls serve() of btrdb-web/worker";

function warn(why: string): void {
  console.warn(`btrdb-web reads on this thread: ${why}`);
}
