// Makes the script FILE smaller where it is.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [file, packages] = process.argv.slice(2);
const { transformSync } = createRequire(packages)("esbuild");
writeFileSync(file, transformSync(readFileSync(file, "utf8"), { minify: true, format: "esm", target: "es2022" }).code);
