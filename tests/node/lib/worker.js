// Reads the stream whose handle it is given, and answers with its times and with an error.
import { parentPort, workerData } from "node:worker_threads";

import { Stream, init } from "btrdb-web";

await init();
const stream = Stream.fromHandle(workerData);
const { time } = await stream.values();
const error = await stream.values(0n, 1n, { version: 99n }).then(
  () => undefined,
  (error) => error,
);
parentPort.postMessage({ time, error: error.toJSON() });
