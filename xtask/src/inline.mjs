// Writes the script OUT, which holds the bytes of the file IN as base64: for where a file beside a script gets lost.
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
writeFileSync(to, `export default "${readFileSync(from, "base64")}";\n`);
