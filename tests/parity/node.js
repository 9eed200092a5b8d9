// The cases in Node: `node node.js ADDRESS < plan.json`.
import { readFileSync } from "node:fs";

import * as btrdb from "btrdb-web";

import { run } from "./run.js";

const lines = await run(btrdb, process.argv[2], JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(`${lines.join("\n")}\n`);
