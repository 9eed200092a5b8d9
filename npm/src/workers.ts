import type { WorkerOption } from "./connect.js";
import { InvalidOperation } from "./errors.js";
import { compiledModule } from "./instance.js";
import { type Port, type WorkerLike, opened } from "./port.js";
import { Remote } from "./remote.js";
import type { TransportOptions } from "./transport.js";

/** The worker of all connections that say `true`. */
let shared: Remote | undefined;
/** Those that callers gave. */
const given = new WeakMap<WorkerLike, Remote>();

/** @internal {@link Reader}, which starts a worker by `own` for `true`. */
export async function reader(
  worker: WorkerOption,
  { apiKey, fetch, intercept }: TransportOptions,
  own?: () => Promise<{ start: () => Promise<Port> }>,
): Promise<Remote | undefined> {
  if (typeof apiKey === "function" || fetch || intercept) {
    warn("a worker cannot call the functions that are given as apiKey, fetch or intercept");
    return undefined;
  }
  if (worker === true) {
    if (!own) throw new InvalidOperation(`btrdb-web/slim has no worker: ${OWN}`);
    shared ??= new Remote(async () => (await own()).start(), true);
    try {
      await shared.ready();
      return shared;
    } catch (failure) {
      const blobs = "blob: where a tool loses btrdb_web_worker.js";
      warn(`${(failure as Error).message}. Let the page's policy allow worker-src 'self', and ${blobs}; or ${OWN}`);
      return undefined;
    }
  }
  const isOurs = typeof worker === "function";
  const make = isOurs ? worker : () => worker;
  const remote = (isOurs ? undefined : given.get(worker)) ?? new Remote(async () => opened(make(), compiledModule()), isOurs);
  if (!isOurs) given.set(worker, remote);
  await remote.ready();
  return remote;
}

const OWN = "give connect() a worker of your own that calls serve() of btrdb-web/worker";

function warn(why: string): void {
  console.warn(`btrdb-web reads on this thread: ${why}`);
}
