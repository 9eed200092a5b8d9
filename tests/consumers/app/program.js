// The same without a page: Node, Deno and Bun. Its argument is the server.
import * as client from "btrdb-web";

import { read } from "./read.js";

console.log(JSON.stringify(await read(client, process.argv[2])));
