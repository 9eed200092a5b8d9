// The worker: it gets the handle of a stream and answers with all points.
import { type RawColumns, Stream, type StreamHandle, init } from "btrdb-web";

/** What the worker posts back. */
export type Answer = { columns: RawColumns } | { failure: unknown };

addEventListener("message", async ({ data }: MessageEvent<StreamHandle>) => {
  try {
    // Every worker has a WebAssembly module of its own; a second call finds it loaded.
    await init();
    const columns = await Stream.fromHandle(data).values();
    // The columns change hands, instead of being copied.
    postMessage({ columns } satisfies Answer, { transfer: [columns.time.buffer, columns.value.buffer] });
  } catch (failure) {
    postMessage({ failure } satisfies Answer);
  }
});
