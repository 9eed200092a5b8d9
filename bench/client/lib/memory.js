// The memory that a contender takes, in a browser of its own.
import { once } from "node:events";

import { descendants, forgetPeak, pages, status } from "../../lib/processes.js";
import { undebugged } from "../../lib/undebugged.js";

const KILOBYTE = 1024;
const MEGABYTE = 1e6;
const PATIENCE_MS = 30_000;

/** Reads windows once and gives the most memory that the browser's pages had meanwhile, above what they had before, in MB. */
export async function peakMemory(contender, { server, config }) {
  const first = encodeURIComponent(JSON.stringify({ script: `/scripts/${contender.script}.js`, config }));
  return await undebugged(`${server.url}/alone#${first}`, ["--js-flags=--expose-gc"], async (browser) => {
    let watched = [];
    let before = 0;
    const sum = (what) => (watched.reduce((sum, id) => sum + status(id, what), 0) * KILOBYTE) / MEGABYTE;
    const patience = setTimeout(() => server.words.emit("error", late(contender)), PATIENCE_MS);
    server.words.once("begun", () => {
      watched = pages(descendants(browser));
      watched.forEach(forgetPeak);
      before = sum("VmRSS");
    });
    await once(server.words, "done");
    clearTimeout(patience);
    return sum("VmHWM") - before;
  });
}

const late = ({ who, form }) => new Error(`${who} (${form}) read nothing in ${PATIENCE_MS} ms in a page without a debugger`);
