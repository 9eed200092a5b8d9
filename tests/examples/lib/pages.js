// The examples as they are built, in Chromium, on a real server.
import assert from "node:assert/strict";
import { join } from "node:path";

import { launch } from "../../e2e/lib/browser.js";
import { startServer } from "../../e2e/lib/server.js";

/** The folder of the examples. */
export const EXAMPLES = new URL("../../../examples/", import.meta.url).pathname;

/** A server that shows the examples, and a browser. `options` are those of `startServer`. */
export async function examples(options = {}) {
  const server = await startServer({ app: EXAMPLES, ...options });
  const browser = await launch();
  return {
    server,
    /** A page of the address `path`, relative to the server, which may complain of nothing until `page.done()`. */
    async open(path, { colorScheme = "light" } = {}) {
      const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 1000 } });
      const complaints = [];
      page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(new URL(path, server.url).href);
      const done = async () => {
        await page.close();
        assert.deepEqual(complaints, []);
      };
      return Object.assign(page, { done });
    },
    async stop() {
      await browser.close();
      await server.stop();
    },
  };
}

/** Keeps what a page looks like, for people to look at. */
export async function keepPicture(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
