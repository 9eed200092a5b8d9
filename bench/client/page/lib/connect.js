// connect-web with the code of protoc-gen-es.
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BTrDB } from "@generated/es/btrdb_pb.js";

import { CALLS, request } from "./calls.js";

/** A function that makes the call for either kind of read and gives the answers as they come; a signal gives it up. */
export function connected(form, config) {
  const client = createClient(BTrDB, createGrpcWebTransport({ baseUrl: new URL(config.base, location.origin).href, useBinaryFormat: true }));
  return (kind, signal) => client[CALLS[form][kind]](request(kind, config), { signal });
}
