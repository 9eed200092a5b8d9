// connect-web with the code of protoc-gen-es.
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BTrDB } from "@generated/es/btrdb_pb.js";

import { CALLS, request } from "./calls.js";

/** A function that makes the call for either kind of read and gives the answers as they come. `call` may have a signal that gives it up, and `timeoutMs` after which it is. */
export function connected(form, config) {
  const client = createClient(BTrDB, createGrpcWebTransport({ baseUrl: new URL(config.base, location.origin).href, useBinaryFormat: true }));
  return (kind, call) => client[CALLS[form][kind]](request(kind, config), call);
}
