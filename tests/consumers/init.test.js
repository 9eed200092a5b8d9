// How the WebAssembly module is come by, entry by entry, in pages of their own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { PACKAGE, fixture } from "./lib/fixture.js";
import { startPages } from "./lib/pages.js";

const WASM = readFileSync(join(PACKAGE, "dist/btrdb_web_bg.wasm"));
const html = (status) => (answer) => answer.writeHead(status, { "content-type": "text/html" }).end("<!doctype html>");

const answers = {
  "/": html(200),
  "/page.wasm": html(200),
  "/typeless": (answer) => answer.writeHead(200, { "content-type": "application/octet-stream" }).end(WASM),
  "/bare/btrdb_web_bg.wasm": html(404),
  "/page/btrdb_web_bg.wasm": html(200),
  "/worker.js": (answer) => answer.writeHead(200, { "content-type": "text/javascript" }).end(WORKER),
};

// Compiling is made impossible in it.
const WORKER = `
  import { init, toNanoseconds } from "/package/dist/index.js";
  const refuse = () => { throw new Error("compiled again"); };
  Object.assign(WebAssembly, { compile: refuse, compileStreaming: refuse, instantiateStreaming: refuse });
  self.fetch = refuse;
  onmessage = async ({ data }) => {
    await init(data);
    postMessage([toNanoseconds("2017-07-14"), performance.getEntriesByType("resource").map(({ name }) => name)]);
  };
`;

const shared = fixture({
  serve: (server) => {
    const dist = join(PACKAGE, "dist");
    // The same scripts, beside something else than the module.
    return startPages({ folders: { package: PACKAGE, bare: dist, page: dist }, server, answers, policy: "" });
  },
});

/** Runs `inPage` with `argument` in a new page. Returns what it returns, and what was asked for meanwhile. */
async function inNewPage(inPage, argument) {
  const page = await shared.browser.newPage();
  try {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.addInitScript(() => {
      const { Instance } = WebAssembly;
      window.instances = 0;
      WebAssembly.Instance = function (...given) {
        window.instances += 1;
        return new Instance(...given);
      };
      WebAssembly.Instance.prototype = Instance.prototype;
      window.failure = (promise) =>
        promise.then(() => "nothing failed", ({ name, code, message }) => ({ name, code, message }));
    });
    await page.goto(shared.pages.url);
    return [await page.evaluate(inPage, argument), asked.filter((path) => /wasm|inline/.test(path))];
  } finally {
    await page.close();
  }
}

test("importing an entry asks for nothing else and starts nothing", async () => {
  const [begun, asked] = await inNewPage(async () => {
    const begun = { fetch: 0, Worker: 0, addEventListener: 0 };
    for (const name of Object.keys(begun)) {
      const known = window[name];
      window[name] = function (...given) {
        begun[name] += 1;
        return new.target ? new known(...given) : known.apply(window, given);
      };
    }
    for (const entry of ["index", "slim", "diagnose", "worker"]) await import(`/package/dist/${entry}.js`);
    return { ...begun, instances: window.instances };
  });
  assert.deepEqual(begun, { fetch: 0, Worker: 0, addEventListener: 0, instances: 0 });
  assert.deepEqual(asked, []);
});

test("whoever asks meanwhile or later waits for the same instance", async () => {
  const [found, asked] = await inNewPage(async () => {
    const { init, connect, compiledModule, toNanoseconds } = await import("/package/dist/index.js");
    const slim = await import("/package/dist/slim.js");
    await Promise.all([init(), connect("/"), init("/nowhere.wasm"), slim.init(), slim.connect("/")]);
    await init("/nowhere.wasm");
    return [window.instances, compiledModule() instanceof WebAssembly.Module, toNanoseconds("1970-01-02")];
  });
  assert.deepEqual(found, [1, true, 86_400_000_000_000n]);
  assert.deepEqual(asked, ["/package/dist/btrdb_web_bg.wasm"]);
});

for (const [folder, what] of [["bare", "nothing"], ["page", "a page"]]) {
  test(`the script takes the place of the file where there is ${what}`, async () => {
    const [instances, asked] = await inNewPage(async (folder) => {
      const { connect } = await import(`/${folder}/index.js`);
      await connect("/");
      return window.instances;
    }, folder);
    assert.equal(instances, 1);
    assert.deepEqual(asked, ["btrdb_web_bg.wasm", "inlined.js", "btrdb_web_inline.js"].map((name) => `/${folder}/${name}`));
  });
}

test("a wrong address is an error that says which, what was there and what to do; another may follow", async () => {
  const [[absent, page, nobody, instances], asked] = await inNewPage(async () => {
    const { init } = await import("/package/dist/index.js");
    const failures = [];
    for (const source of ["/nowhere.wasm", new URL("/page.wasm", location.href), "http://127.0.0.1:1/x.wasm"]) {
      failures.push(await failure(init(source)));
    }
    await init("/typeless");
    return [...failures, window.instances];
  });
  assert.equal(absent.code, "UNAVAILABLE");
  assert.match(absent.message, /http:\S+\/nowhere\.wasm answered HTTP 404, text\/html: tell init\(\) where btrdb_web_bg\.wasm/);
  assert.equal(page.code, "BAD_RESPONSE");
  assert.match(page.message, /http:\S+\/page\.wasm answered HTTP 200, text\/html, which is no WebAssembly: tell init\(\)/);
  assert.equal(nobody.code, "UNAVAILABLE");
  assert.match(nobody.message, /127\.0\.0\.1:1\/x\.wasm cannot be read .*: tell init\(\)/);
  assert.equal(instances, 1);
  assert.ok(!asked.some((path) => path.includes("inline")), "nothing else is tried");
});

test("slim looks for nothing, and says what it wants", async () => {
  const [failures, asked] = await inNewPage(async () => {
    const { connect, init, toNanoseconds } = await import("/package/dist/slim.js");
    const early = failure(Promise.resolve().then(() => toNanoseconds("2017-07-14")));
    return Promise.all([failure(init()), failure(connect("/")), early]);
  });
  assert.deepEqual(failures.map(({ code }) => code), Array(3).fill("NOT_INITIALIZED"));
  for (const { message } of failures.slice(0, 2)) assert.match(message, /call init\(source\) first/);
  assert.match(failures[2].message, /wait for init\(\)/);
  assert.deepEqual(asked, []);
});

for (const kind of ["text", "URL", "Response", "bytes", "Module", "promise"]) {
  test(`slim takes the module as ${kind}`, async () => {
    const [instances] = await inNewPage(async (kind) => {
      const { connect, init } = await import("/package/dist/slim.js");
      const path = "/package/dist/btrdb_web_bg.wasm";
      const sources = {
        text: () => path,
        URL: () => new URL(path, location.href),
        Response: () => fetch(path),
        bytes: async () => (await fetch(path)).arrayBuffer(),
        Module: () => WebAssembly.compileStreaming(fetch(path)),
        promise: () => fetch(path),
      };
      const source = sources[kind]();
      await init(kind === "promise" ? source : await source);
      await connect("/");
      return window.instances;
    }, kind);
    assert.equal(instances, 1);
  });
}

test("inline asks for no file, and starts at once where it must", async () => {
  const [found, asked] = await inNewPage(async () => {
    const { connect, initSync, init, toNanoseconds } = await import("/package/dist/inline.js");
    const begun = init();
    initSync();
    const day = toNanoseconds("1970-01-02");
    await begun;
    initSync();
    await connect("/");
    return [window.instances, day];
  });
  assert.deepEqual(found, [1, 86_400_000_000_000n]);
  assert.deepEqual(asked, ["inline.js", "inlined.js", "btrdb_web_inline.js"].map((name) => `/package/dist/${name}`));
});

test("a worker that is sent the module neither loads nor compiles it", async () => {
  const [[time, loaded]] = await inNewPage(async () => {
    const { compiledModule, init } = await import("/package/dist/index.js");
    await init();
    const worker = new Worker("/worker.js", { type: "module" });
    worker.postMessage(compiledModule());
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  });
  assert.equal(time, 1_499_990_400_000_000_000n);
  assert.ok(!loaded.some((name) => /wasm$|inline/.test(name)), loaded.join(" "));
});
