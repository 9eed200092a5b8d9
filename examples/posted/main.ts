// The page: it finds a stream, posts its handle to a worker and shows what comes back.
import { BTrDBError, type RawColumns, connect, isoString } from "btrdb-web";

import { element, message, row } from "../shared/dom";
import { SERVER } from "../shared/server";
import type { Answer } from "./worker";

const button = element("read", HTMLButtonElement);
const path = element("path", HTMLInputElement);
const said = element("said", HTMLParagraphElement);
const seen = element("seen", HTMLTableSectionElement);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

/** Posts `handle` and waits for the answer. One question at a time, since the button waits too. */
function asked(handle: unknown): Promise<RawColumns> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("columns" in data) resolve(data.columns);
      else reject(BTrDBError.from(data.failure)); // An error that was posted gets its class back.
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(handle);
  });
}

async function read(): Promise<void> {
  const connection = await connect(SERVER);
  const stream = (await connection.streams([path.value])).at(0);
  if (!stream) return;
  const begun = performance.now();
  const { time, value, version } = await asked(stream.handle);
  const shown = (at: bigint | undefined) => (at === undefined ? "none" : isoString(at));
  const low = value.reduce((low, value) => Math.min(low, value), Infinity);
  const high = value.reduce((high, value) => Math.max(high, value), -Infinity);
  seen.replaceChildren(
    row([`${time.length}`, shown(time[0]), shown(time.at(-1)), `${low}`, `${high}`, `${version}`]),
  );
  said.textContent = `Read in ${Math.round(performance.now() - begun)} ms, while the page was free.`;
}

button.addEventListener("click", async () => {
  button.disabled = true;
  said.textContent = "Reading …";
  try {
    await read();
  } catch (failure) {
    said.textContent = message(failure);
  } finally {
    button.disabled = false;
  }
});
