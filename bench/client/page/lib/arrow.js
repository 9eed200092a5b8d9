// Arrow inside of answers, by whichever reader.
import { Growable } from "./columns.js";
import { connected } from "./connect.js";
import { arrowBytes } from "./envelope.js";
import { messages } from "./frames.js";

/** Behind connect-web. */
export function behindConnect(columnsOf) {
  return async (config) => {
    const replies = connected("arrow", config);
    return async (kind) => {
      const columns = new Growable(kind);
      for await (const reply of replies(kind)) columns.append(columnsOf(reply.arrowBytes));
      return columns.finish();
    };
  };
}

/** Behind our own reader of frames. */
export function behindFrames(columnsOf) {
  return async ({ paths }) =>
    async (kind) => {
      const columns = new Growable(kind);
      await messages(paths[kind], (message) => columns.append(columnsOf(arrowBytes(message))));
      return columns.finish();
    };
}
