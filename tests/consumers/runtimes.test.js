// Programs: Node by import and from CommonJS, Deno and Bun.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { APP, EXPECTED, fixture, program } from "./lib/fixture.js";

const shared = fixture({ inBrowser: false });

const RUNTIMES = {
  "Node, by import": [process.execPath, "program.js"],
  "Node, from CommonJS": [process.execPath, "common.cjs"],
  // Where npm has these for the machine.
  "Node 22": [program("node22/bin/node"), "program.js"],
  "Node 24": [program("node24/bin/node"), "program.js"],
  "Node 24, from CommonJS": [program("node24/bin/node"), "common.cjs"],
  // It asks for no permission but to talk to the server, and then takes the module from the script.
  Deno: [program(".bin/deno"), "run", "--quiet", "--no-prompt", "--allow-net", "program.js"],
  "Deno, allowed all": [program(".bin/deno"), "run", "--quiet", "--allow-all", "program.js"],
  Bun: [program(".bin/bun"), "program.js"],
};

for (const [name, [file, ...args]] of Object.entries(RUNTIMES)) {
  const script = join(APP, args.pop());
  const run = async (endpoints, more) => {
    const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more };
    const { stdout, stderr } = await promisify(execFile)(file, [...args, script, ...endpoints], { timeout: 60_000, env });
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  };

  test(name, { skip: !existsSync(file) }, async () => {
    assert.deepEqual(await run([shared.server.url]), EXPECTED);
    if (args.includes("--no-prompt")) return;
    // Without an endpoint, that of the file of profiles.
    const profiles = join(shared.folder, ".predictivegrid");
    mkdirSync(profiles, { recursive: true });
    writeFileSync(join(profiles, "credentials.yaml"), `default:\n  btrdb:\n    endpoints: "${shared.server.url}"\n`);
    assert.deepEqual(await run([], { HOME: shared.folder, USERPROFILE: shared.folder }), EXPECTED);
  });
}
