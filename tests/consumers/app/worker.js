// Has no WebAssembly module of its own: it waits for one.
import { connect, init, isoString } from "btrdb-web/slim";

import { read } from "./read.js";

onmessage = async ({ data }) => {
  await init(data);
  postMessage(await read({ connect, isoString }, location.origin).catch((error) => ({ failure: String(error) })));
};
