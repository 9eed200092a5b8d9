// The calls behind a read, whoever makes them.

/** The names of the calls, by what is read and how it travels. */
export const CALLS = {
  messages: { windows: "alignedWindows", points: "rawValues" },
  arrow: { windows: "arrowAlignedWindows", points: "arrowRawValues" },
};

/** The request that was recorded. */
export function request(kind, { stream, start, end, pointWidth }) {
  const range = { uuid: stream.bytes, start: BigInt(start), end: BigInt(end[kind]), versionMajor: 0n };
  return kind === "windows" ? { ...range, pointWidth } : { ...range, templateBytes: new Uint8Array(0) };
}

/** The stream as clients name it: by its uuid, or by the bytes of that. */
export function stream(uuid) {
  const bytes = Uint8Array.from(uuid.replaceAll("-", "").match(/../g), (byte) => parseInt(byte, 16));
  return { uuid, bytes };
}
