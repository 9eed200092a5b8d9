// The cases in a page of the server: `node chromium.js ADDRESS < plan.json`. The server hands out the module and run.js.
import { readFileSync } from "node:fs";

import { launch } from "../e2e/lib/browser.js";

const browser = await launch();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://${process.argv[2]}`);
  const lines = await page.evaluate(async (plan) => {
    const [btrdb, { run }] = await Promise.all([import("/btrdb/dist/index.js"), import("/run.js")]);
    return run(btrdb, "", plan);
  }, JSON.parse(readFileSync(0, "utf8")));
  process.stdout.write(`${lines.join("\n")}\n`);
} finally {
  await browser.close();
}
