// Prints how many bytes each FILE given is, as it is and compressed, as JSON; with --write first, also writes FILE.br and
// FILE.gz beside it.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const isToWrite = process.argv[2] === "--write";

const sizes = process.argv.slice(isToWrite ? 3 : 2).map((file) => {
  const content = readFileSync(file);
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  if (isToWrite) {
    writeFileSync(`${file}.gz`, gzip);
    writeFileSync(`${file}.br`, brotli);
  }
  return { file, raw: content.length, gzip: gzip.length, brotli: brotli.length };
});
console.log(JSON.stringify(sizes));
