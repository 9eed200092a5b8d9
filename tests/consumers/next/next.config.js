import { dirname } from "node:path";

/** Files for any web server. Packages are in the folder above. */
export default { output: "export", turbopack: { root: dirname(import.meta.dirname) } };
