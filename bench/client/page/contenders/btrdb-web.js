// Ours. The package is not bundled: a page that has no bundler takes it as it is.

/** `arrow` says how columns travel, `worker` where they are read. */
export async function open({ base, stream, start, end, pointWidth, options }) {
  const { connect } = await import("/npm/dist/index.js");
  const connection = await connect(base, options);
  const read = connection.streamFromUuid(stream.uuid);
  return async (kind, call) => {
    const ends = [BigInt(start), BigInt(end[kind])];
    return kind === "windows" ? await read.alignedWindows(...ends, pointWidth, call) : await read.values(...ends, call);
  };
}
