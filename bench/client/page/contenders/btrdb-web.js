// Ours. The package is not bundled: a page that has no bundler takes it as it is.

/** `arrow` says how columns travel, `worker` where they are read. */
export async function open({ stream, start, end, pointWidth, options }) {
  const { connect } = await import("/npm/dist/index.js");
  const connection = await connect("/", options);
  const read = connection.streamFromUuid(stream.uuid);
  return async (kind) => {
    const ends = [BigInt(start), BigInt(end[kind])];
    return kind === "windows" ? await read.alignedWindows(...ends, pointWidth) : await read.values(...ends);
  };
}
