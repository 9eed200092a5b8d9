// What every consumer does with the package: connect, find a stream, read its points.

/** A summary of the points of the stream of the tests, as plain data. */
export async function read({ connect, isoString }, endpoint, options) {
  const connection = await connect(endpoint, options);
  const [stream] = await connection.streams(["consumers/ramp"]);
  const { time, value } = await stream.values();
  return { points: time.length, last: isoString(time.at(-1)), sum: value.reduce((sum, each) => sum + each, 0) };
}
