import { optionalText } from "./arguments.js";
import type { CallOptions } from "./call.js";
import { call, merged } from "./call.js";
import { Connection } from "./connection.js";
import { type Profile, findCredentials } from "./credentials.js";
import { ConnectionError } from "./errors.js";
import { wasm } from "./instance.js";
import type { WorkerLike } from "./port.js";
import type { Remote } from "./remote.js";
import { type TransportOptions, transport } from "./transport.js";

/** A worker of this package, one of your own, or what makes one. */
export type WorkerOption = true | WorkerLike | (() => WorkerLike);

/** How to talk to a server. What calls take holds for every later call, too, but for the signal. */
export interface ConnectOptions extends CallOptions, TransportOptions {
  /** A URL, `host:port`, or a path on the server that the page is from, such as `/`. */
  endpoint?: string | undefined;
  /** The name of a profile, instead of an endpoint. */
  profile?: string | undefined;
  /** Profiles by their names; under Node those of `~/.predictivegrid/credentials.yaml` unless given. */
  profiles?: Record<string, Profile> | undefined;
  /** Whether to ask for compressed answers: worth it over a slow line only. A browser does as it likes. */
  gzip?: boolean | undefined;
  /** Whether columns travel as Arrow; wherever the server can unless given. */
  arrow?: boolean | undefined;
  /** Which program asks, for the server's log. To a browser it is one more header that a server elsewhere must allow. */
  clientName?: string | undefined;
  /**
   * How many calls a set of streams makes at a time; 4 unless given. What joins more streams than that leaves each after a
   * batch and goes on with it later, as it does in a page over HTTP/1.1 while others wait for one of its 5 reads to end.
   */
  parallel?: number | undefined;
  /**
   * Whether a worker does what is long, so that the page stays smooth: reads of columns, tables, Arrow and CSV. Results,
   * options and errors are the same. One worker serves all connections that say `true`. Where none can be started, as
   * under a policy that forbids it, or where requests need a function that only this thread can call (`fetch`, `intercept`,
   * an `apiKey` that is one), a warning says so and this thread does it all.
   *
   * Instead of it, a worker of your own that calls `serve` of `btrdb-web/worker`, or a function that makes one, which is
   * ended when nobody needs it, and made anew for whoever reads later; then it is an error if that fails.
   */
  worker?: false | WorkerOption | undefined;
  /**
   * How many bytes of columns a worker may send before a loop over them is done with them; 1 MiB unless given. However few,
   * a batch is sent whole, and however many, the worker is never more than two batches ahead. Without a worker nothing is
   * read ahead.
   */
  bufferBytes?: number | undefined;
}

/** Connects to servers. */
export interface Connect {
  /**
   * Connects to a server over gRPC-web and asks it what it can do. Loads the WebAssembly module first, if nobody did.
   *
   * What is left out is looked up: a profile called `default` among `profiles`; under Node, later ones winning, the profile
   * that `BTRDB_PROFILE` names, or else `default`, of `~/.predictivegrid/credentials.yaml`; `BTRDB_ENDPOINTS` and
   * `BTRDB_API_KEY`. With `profile`, that profile alone counts.
   *
   * @throws As {@link ConnectionError} where no endpoint is known or it makes no sense, {@link Unavailable} where nothing
   * answers there or the browser may not ask, {@link BadResponse} where what answers is not gRPC-web,
   * {@link Unauthenticated} where the server wants another API key, {@link ProfileNotFound},
   * {@link CredentialsFileNotFound}.
   */
  (endpoint?: string, options?: ConnectOptions): Promise<Connection>;
  /** The same, with the endpoint among the options. */
  (options: ConnectOptions): Promise<Connection>;
}

/** @internal What reads for a connection in a worker, held until `until` is aborted; nothing where this thread has to. */
export type Reader = (
  worker: WorkerOption,
  options: TransportOptions,
  until: AbortSignal,
) => Promise<Remote | undefined>;

/** @internal The `connect` of an entry whose module `init` loads, and which comes by workers as `reader` does. */
export function connectAfter(init: () => Promise<void>, reader: Reader): Connect {
  return async (first?: string | ConnectOptions, second: ConnectOptions = {}) => {
    const options = typeof first === "object" ? first : { ...second, endpoint: first ?? second.endpoint };
    const { gzip = false, parallel, bufferBytes, worker } = options;
    const clientName = optionalText(options.clientName, "clientName");
    const ask = transport(options);
    const given = typeof options.apiKey === "function" ? undefined : options.apiKey;
    return call(options, async (control) => {
      const [found] = await Promise.all([findCredentials({ ...options, apiKey: given }), init()]);
      const endpoint = absolute(found.endpoint);
      const apiKey = given === options.apiKey ? found.apiKey : undefined;
      // The connection holds its worker itself. Without one, nobody is to.
      const done = new AbortController();
      control.signal?.throwIfAborted();
      control.signal?.addEventListener("abort", () => done.abort());
      const asked = wasm().connect(endpoint, apiKey, clientName, gzip, options.arrow, ask, control);
      try {
        const [raw, remote] = await Promise.all([asked, worker && reader(worker, options, done.signal)]);
        const settings = { endpoint, apiKey, clientName, gzip, arrow: raw.usesArrow(), parallel, bufferBytes, ask };
        return Connection.of(raw, settings, merged({ ...options, signal: undefined }), remote || undefined);
      } finally {
        done.abort();
      }
    });
  };
}

/** A path of this page's server as a URL, since a worker that the connection is posted to may have another page. */
function absolute(endpoint: string): string {
  if (endpoint !== "" && !endpoint.startsWith("/") && !endpoint.startsWith(".")) return endpoint;
  const { location } = globalThis;
  if (location) return new URL(endpoint, location.href).href.replace(/\/+$/, "");
  throw new ConnectionError(`the endpoint ${JSON.stringify(endpoint)} is a path on a page's server, and there is no page`);
}
