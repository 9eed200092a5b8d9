// The cases in Node: `node node.js ADDRESS < plan.json`, with the npm package in the folder BTRDB_NPM.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { run } from "./run.js";

const btrdb = await import(pathToFileURL(resolve(process.env.BTRDB_NPM, "dist/index.js")));
const lines = await run(btrdb, process.argv[2], JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(`${lines.join("\n")}\n`);
