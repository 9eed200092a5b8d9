// Chromium without a debugger, which would keep much of what a page loads, in that page's own memory.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { QUIET } from "../../tests/e2e/lib/browser.js";
import { descendants, kill } from "./processes.js";

/** Shows `url`, with further arguments `more`, for as long as `act` takes, which is given the process of the browser. */
export async function undebugged(url, more, act) {
  const profile = mkdtempSync(join(tmpdir(), "btrdb-memory-"));
  const words = [...QUIET, "--headless", `--user-data-dir=${profile}`, ...more];
  const browser = spawn(process.env.CHROMIUM, [...words, url], { stdio: "ignore" });
  const ended = once(browser, "exit");
  try {
    const early = ended.then(() => Promise.reject(new Error("the browser ended by itself")));
    return await Promise.race([act(browser.pid), early]);
  } finally {
    // Those below it would go on writing to the profile for a while.
    for (const id of [browser.pid, ...descendants(browser.pid)]) kill(id);
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
