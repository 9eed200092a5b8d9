// Google's grpc-web and google-protobuf: a message object for each point. In its binary form the answer is looked at once it
// is whole; its text form streams, but is other bytes, and slower still.
import grpcWeb from "grpc-web";

import { Growable } from "../lib/columns.js";
import { ANSWERS, POINTS } from "../lib/google-messages.js";
import { add } from "../lib/messages.js";

// What the getters give, under the names that the messages of others have. Integers are text in these.
for (const Point of Object.values(POINTS)) {
  Object.defineProperties(Point.prototype, {
    time: { get() { return BigInt(this.getTime()); } },
    min: { get() { return this.getMin(); } },
    mean: { get() { return this.getMean(); } },
    max: { get() { return this.getMax(); } },
    count: { get() { return BigInt(this.getCount()); } },
    stddev: { get() { return this.getStddev(); } },
    value: { get() { return this.getValue(); } },
  });
}

export async function open({ paths }) {
  const client = new grpcWeb.GrpcWebClientBase({ format: "binary" });
  return (kind) =>
    new Promise((resolve, reject) => {
      const Answer = ANSWERS[kind];
      const method = new grpcWeb.MethodDescriptor(
        paths[kind],
        "server_streaming",
        Uint8Array,
        Answer,
        (request) => request,
        Answer.deserializeBinary,
      );
      const columns = new Growable(kind);
      const answers = client.serverStreaming(paths[kind], new Uint8Array(0), {}, method);
      answers.on("data", (answer) => add(kind, answer.getValuesList(), columns));
      answers.on("error", reject);
      answers.on("end", () => resolve(columns.finish()));
    });
}
