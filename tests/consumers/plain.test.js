// Pages and workers without any bundler: the files of the package as they are.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { APP, PACKAGE, fixture, visit } from "./lib/fixture.js";
import { POLICY, startPages } from "./lib/pages.js";

const MAP = JSON.stringify({ imports: { "btrdb-web": "/package/dist/index.js" } });
// Policies count a map, which can only stand in the page, as a script.
const HASH = createHash("sha256").update(MAP).digest("base64");

const WORKER = `
  import * as client from "/package/dist/index.js";
  import { read } from "/app/read.js";
  read(client, location.origin).then(postMessage, (error) => postMessage({ failure: String(error) }));
`;

const IN_WORKER = `
  const worker = new Worker("/worker.js", { type: "module" });
  worker.onmessage = ({ data }) => {
    document.body.dataset.largest = 0;
    document.body.dataset.outcome = JSON.stringify(data);
  };
`;

const MAPPED = `<body><script type="importmap">${MAP}</script><script type="module" src="/app/main.js"></script>`;
const policy = POLICY.replace("script-src", `script-src 'sha256-${HASH}'`);

const answers = {
  "/mapped.html": as("text/html", MAPPED),
  "/stricter.html": (answer) => {
    answer.setHeader("content-security-policy", policy.replace("'wasm-unsafe-eval'", ""));
    as("text/html", MAPPED)(answer);
  },
  "/worker.html": as("text/html", `<body><script type="module" src="/page.js"></script>`),
  "/page.js": as("text/javascript", IN_WORKER),
  "/worker.js": as("text/javascript", WORKER),
  "/favicon.ico": as("image/png", ""),
};

const shared = fixture({ serve: (server) => startPages({ folders: { app: APP, package: PACKAGE }, server, answers, policy }) });

test("a page with an import map", async () => {
  assert.equal(await visit(shared.browser, `${shared.pages.url}/mapped.html`), "asset");
  assert.equal(await visit(shared.browser, `${shared.pages.url}/mapped.html?reader`, { isRead: true }), "asset");
});

test("a policy that allows no WebAssembly is named", async () => {
  const page = await shared.browser.newPage();
  await page.goto(`${shared.pages.url}/stricter.html`);
  const shown = await page.waitForSelector("body[data-outcome]", { state: "attached" });
  assert.match(await shown.getAttribute("data-outcome"), /Content Security Policy/i);
  await page.close();
});

test("a module worker", async () => {
  assert.equal(await visit(shared.browser, `${shared.pages.url}/worker.html`), "asset");
});

function as(type, text) {
  return (answer) => answer.writeHead(200, { "content-type": type }).end(text);
}
