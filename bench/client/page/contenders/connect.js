// connect-web and protobuf-es: a message object for each point.
import { connected } from "../lib/connect.js";
import { gathered } from "../lib/messages.js";

export async function open(config) {
  const replies = connected("messages", config);
  return (kind, call) => gathered(kind, replies(kind, call));
}
