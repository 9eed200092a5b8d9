// Writes the script OUT, which holds as text the script IN and all that it imports: a worker for where its file gets lost.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [from, to, packages] = process.argv.slice(2);
const { buildSync } = createRequire(packages)("esbuild");
const settings = { bundle: true, minify: true, format: "iife", target: "es2022", write: false };
const { outputFiles } = buildSync({ ...settings, entryPoints: [from] });
writeFileSync(to, `export default ${JSON.stringify(outputFiles[0].text)};\n`);
