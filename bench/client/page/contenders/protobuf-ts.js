// protobuf-ts and its gRPC-web transport: a message object for each point.
import { GrpcWebFetchTransport } from "@protobuf-ts/grpcweb-transport";
import { BTrDBClient } from "@generated/ts/btrdb.client.js";

import { CALLS, request } from "../lib/calls.js";
import { gathered } from "../lib/messages.js";

export async function open(config) {
  const client = new BTrDBClient(new GrpcWebFetchTransport({ baseUrl: location.origin, format: "binary" }));
  return (kind) => gathered(kind, client[CALLS.messages[kind]](request(kind, config)).responses);
}
