// Makes the scripts in FOLDER smaller where they are, by blanks and comments alone, but leaves those with comments that
// bundlers go by.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, packages] = process.argv.slice(2);
const { transformSync } = createRequire(packages)("esbuild");
const settings = { minifyWhitespace: true, format: "esm", target: "es2022" };
for (const name of readdirSync(folder).filter((name) => name.endsWith(".js") && !name.endsWith("_inline.js"))) {
  const file = join(folder, name);
  const script = readFileSync(file, "utf8");
  if (/@__PURE__|webpackIgnore/.test(script)) continue;
  // The glue is nobody's to read.
  const minify = name === "btrdb_web.js";
  writeFileSync(file, transformSync(script, { ...settings, minify }).code);
}
