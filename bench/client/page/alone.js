// Runs in a page that nobody debugs: reads windows once, by the contender that the address names, and says so before and after.
import { run } from "./measure.js";

/** Until the browser has started what it starts. */
const SETTLED_MS = 1_500;

await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
// Exposed by the browser's arguments.
gc();
await fetch("/words/begun");
await run("windows", JSON.parse(decodeURIComponent(location.hash.slice(1))));
await fetch("/words/done");
