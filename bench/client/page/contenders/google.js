// Google's grpc-web and google-protobuf: a message object for each point. In its binary form the answer is looked at once it
// is whole; its text form streams, but is other bytes, and slower still.
import grpcWeb from "grpc-web";

import { Growable } from "../lib/columns.js";
import { ANSWERS } from "../lib/google-messages.js";

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
      const add = kind === "windows" ? addWindows : addPoints;
      const answers = client.serverStreaming(paths[kind], new Uint8Array(0), {}, method);
      answers.on("data", (answer) => add(answer.getValuesList(), columns));
      answers.on("error", reject);
      answers.on("end", () => resolve(columns.finish()));
    });
}

function addWindows(values, columns) {
  columns.reserve(values.length);
  const [time, min, mean, max, count, stddev] = columns.arrays;
  let row = columns.rows;
  for (const point of values) {
    time[row] = BigInt(point.getTime());
    min[row] = point.getMin();
    mean[row] = point.getMean();
    max[row] = point.getMax();
    count[row] = BigInt(point.getCount());
    stddev[row] = point.getStddev();
    row += 1;
  }
  columns.rows = row;
}

function addPoints(values, columns) {
  columns.reserve(values.length);
  const [time, value] = columns.arrays;
  let row = columns.rows;
  for (const point of values) {
    time[row] = BigInt(point.getTime());
    value[row] = point.getValue();
    row += 1;
  }
  columns.rows = row;
}
