// The floor: what the bytes cost before anybody looks at them.
import { chunks, messages } from "../lib/frames.js";

/** `until` says how far: `discarded` chunks, or whole `messages`. */
export async function open({ paths, until }) {
  return async (kind, { timeoutMs, signal = timeoutMs && AbortSignal.timeout(timeoutMs) } = {}) => {
    let bytes = 0;
    if (until === "messages") {
      await messages(paths[kind], (message) => (bytes += message.length));
    } else {
      const reader = await chunks(paths[kind], signal);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        bytes += value.length;
      }
    }
    return bytes;
  };
}
