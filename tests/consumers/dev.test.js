// The development servers of Vite, which bundle packages in advance.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";

import { APP, fixture, program, visit } from "./lib/fixture.js";
import { BLOBS, POLICY } from "./lib/pages.js";

const shared = fixture();

// Up to Vite 7 what is bundled in advance loses the files beside it, so the script has to do.
const VERSIONS = { vite6: "script", vite7: "script", vite8: "asset" };

for (const [name, way] of Object.entries(VERSIONS)) {
  test(`a page of the development server of ${name}`, async () => {
    const { createServer } = await import(name);
    const cacheDir = program(`.${name}`);
    rmSync(cacheDir, { recursive: true, force: true });
    const server = await createServer({
      configFile: false,
      root: APP,
      cacheDir,
      logLevel: "warn",
      server: {
        host: "127.0.0.1",
        // Its own script listens for changes.
        headers: { "content-security-policy": `${POLICY}; connect-src 'self' ws:; ${BLOBS}` },
        proxy: { "/v5api.BTrDB": shared.server.url },
      },
    });
    try {
      await server.listen();
      const [url] = server.resolvedUrls.local;
      assert.equal(await visit(shared.browser, url), way);
      assert.equal(await visit(shared.browser, `${url}?worker`), way);
      assert.equal(await visit(shared.browser, `${url}?reader`, { isRead: true }), way);
    } finally {
      await server.close();
    }
  });
}
