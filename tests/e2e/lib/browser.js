// Chromium, and the page in it.
import { chromium } from "playwright-core";

/** What it is started with. */
export const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Starts Chromium, with further arguments `more`. */
export function launch(more = []) {
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Error("run these tests with `cargo xtask test --only browser`");
  return chromium.launch({ executablePath, args: [...QUIET, ...more] });
}
