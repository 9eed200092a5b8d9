// The scripts of the page: the peers' generated code, and each contender as an application would ship it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import esbuild from "esbuild";

const HERE = fileURLToPath(new URL("..", import.meta.url));

/** Writes the scripts into the folder `out`. */
export async function bundle(out) {
  const generated = join(out, "generated");
  mkdirSync(generated, { recursive: true });
  const buf = join(HERE, "node_modules/@bufbuild/buf/bin/buf");
  execFileSync(process.execPath, [buf, "generate", "--output", generated], { cwd: HERE, stdio: "inherit" });
  const contenders = readdirSync(join(HERE, "page/contenders")).map((name) => join(HERE, "page/contenders", name));
  await esbuild.build({
    entryPoints: [...["measure.js", "alone.js", "leaving.js"].map((name) => join(HERE, "page", name)), ...contenders],
    outdir: join(out, "scripts"),
    entryNames: "[name]",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    alias: { "@generated": generated },
    // The generated code lies outside of this folder.
    nodePaths: [join(HERE, "node_modules")],
    external: ["/npm/*"],
    logLevel: "warning",
  });
}
