import { optionalText, text } from "./arguments.js";
import type * as raw from "./btrdb_web.js";
import type { ConnectionHandle } from "./connection.js";
import { wasm } from "./instance.js";
import type { Ask } from "./transport.js";

/** @internal How a server is talked to, as plain data. */
export type PlainSettings = Omit<ConnectionHandle, "calls">;

/** @internal How a server is talked to, and what makes the requests. */
export type Settings = PlainSettings & { ask: Ask };

/** @internal A connection as `settings` say, which nobody was asked about. */
export function unasked({ endpoint, apiKey, clientName, gzip = false, arrow, ask }: Settings): raw.Connection {
  const [key, client] = [optionalText(apiKey, "apiKey"), optionalText(clientName, "clientName")];
  return wasm().unasked(text(endpoint, "endpoint"), key, client, gzip, arrow, ask);
}
