// gRPC-web with nothing above it: an answer's messages as they come.

const HEAD = 5;
const TRAILERS = 0x80;

/** What is read of a call: one of those that were recorded, named by its path; `signal` may give it up. */
export async function chunks(path, signal) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" },
    body: new Uint8Array(HEAD),
    signal,
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.body.getReader();
}

/**
 * Calls `take` with every message. It is in memory that is used again for the next, unless it came in one chunk.
 */
export async function messages(path, take) {
  const reader = await chunks(path);
  const head = new Uint8Array(HEAD);
  let [headed, filled, length] = [0, 0, 0];
  let buffer = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let at = 0;
    while (at < value.length) {
      if (headed < HEAD) {
        head[headed++] = value[at++];
        if (headed < HEAD) continue;
        length = new DataView(head.buffer).getUint32(1);
        if (buffer.length < length) buffer = new Uint8Array(length);
      }
      const here = Math.min(length - filled, value.length - at);
      const whole = here === length ? value.subarray(at, at + here) : undefined;
      if (!whole) buffer.set(value.subarray(at, at + here), filled);
      filled += here;
      at += here;
      if (filled < length) continue;
      if ((head[0] & TRAILERS) === 0) take(whole ?? buffer.subarray(0, length));
      headed = filled = 0;
    }
  }
}
