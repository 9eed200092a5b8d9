// A client page of Next.js, which is also rendered on the server when it is built.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { APP, fixture, program, visit } from "./lib/fixture.js";
import { startPages } from "./lib/pages.js";

const PROJECT = join(dirname(APP), "next");
const OUT = join(PROJECT, "out");

const answers = {
  "/": (answer) => answer.writeHead(200, { "content-type": "text/html" }).end(readFileSync(join(OUT, "index.html"))),
  "/favicon.ico": (answer) => answer.writeHead(204).end(),
};
// Its pages hold scripts, which a policy would have to list.
const shared = fixture({
  serve: (server) => startPages({ folders: { _next: join(OUT, "_next") }, server, answers, policy: "" }),
});

test("a client page of Next.js", async () => {
  for (const old of [OUT, join(PROJECT, ".next")]) rmSync(old, { recursive: true, force: true });
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  await promisify(execFile)(process.execPath, [program("next/dist/bin/next"), "build"], { cwd: PROJECT, env });
  const files = readdirSync(OUT, { recursive: true }).map(String);
  assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1);
  assert.equal(await visit(shared.browser, shared.pages.url), "asset");
});
