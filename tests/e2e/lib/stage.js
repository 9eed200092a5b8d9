// The server over the recordings and a browser, for all tests of the file that imports this.
import { after } from "node:test";

import { launch } from "./browser.js";
import { startServer } from "./server.js";

export const server = await startServer();
export const browser = await launch();

after(async () => {
  await browser.close();
  await server.stop();
});
