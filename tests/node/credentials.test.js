// Which server and which key, where a program does not say: as the official Python client looks for them.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import { connect } from "btrdb-web";

import { startServer } from "../e2e/lib/server.js";

const SAVED = { ...process.env };
let folder;
let server;
let port;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "btrdb-credentials-"));
  const keys = join(folder, "keys.json");
  writeFileSync(keys, "right\n");
  server = await startServer({ data: join(folder, "data"), extra: ["--api-keys", keys] });
  port = new URL(server.url).host;
});

after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  for (const name of ["BTRDB_ENDPOINTS", "BTRDB_API_KEY", "BTRDB_PROFILE", "HOME"]) {
    if (SAVED[name] === undefined) delete process.env[name];
    else process.env[name] = SAVED[name];
  }
});

/** A home folder whose file of profiles is `text`; without one if that is left out. */
function home(text) {
  const path = mkdtempSync(join(folder, "home-"));
  mkdirSync(join(path, ".predictivegrid"));
  if (text) writeFileSync(join(path, ".predictivegrid", "credentials.yaml"), text);
  process.env.HOME = path;
}

const profile = (name, endpoint, key) => `${name}:\n  btrdb:\n    endpoints: "${endpoint}"\n    api_key: "${key}"\n`;

/** How it ends: the key that was right, or the code of the error. */
const outcome = (...given) =>
  connect(...given).then(
    ({ handle }) => handle.apiKey,
    ({ code }) => code,
  );

test("later sources win", async () => {
  const file = profile("default", port, "right") + profile("other", port, "wrong");
  home(file);
  assert.equal(await outcome(), "right", "the default profile");
  assert.equal(await outcome({ profile: "other" }), "UNAUTHENTICATED", "a profile");
  assert.equal(await outcome({ profile: "other", apiKey: "right" }), "right", "a profile and a key");
  process.env.BTRDB_PROFILE = "other";
  assert.equal(await outcome(), "UNAUTHENTICATED", "the profile of the environment");
  process.env.BTRDB_API_KEY = "right";
  assert.equal(await outcome(), "right", "the key of the environment");
  assert.equal(await outcome({ profile: "other" }), "UNAUTHENTICATED", "the profile alone");
  process.env.BTRDB_ENDPOINTS = "127.0.0.1:1";
  assert.equal(await outcome(), "UNAVAILABLE", "the endpoint of the environment");
  assert.equal(await outcome(port), "right", "the endpoint of the caller");
  assert.equal(await outcome(port, { apiKey: "wrong" }), "UNAUTHENTICATED", "the key of the caller");
});

test("what is missing is named", async () => {
  home();
  assert.equal(await outcome(), "CONNECTION");
  assert.equal(await outcome({ profile: "p" }), "CREDENTIALS_FILE_NOT_FOUND");
  process.env.BTRDB_ENDPOINTS = port;
  process.env.BTRDB_API_KEY = "right";
  assert.equal(await outcome(), "right", "no file is needed");
  home(profile("default", port, "right"));
  assert.equal(await outcome({ profile: "p" }), "PROFILE_NOT_FOUND");
  assert.equal(await outcome(port, { profile: "default" }), "INVALID_VALUE");
  assert.equal(await outcome("no endpoint"), "CONNECTION");
  assert.equal(await outcome("/"), "CONNECTION", "no page to take a path of");
  delete process.env.BTRDB_ENDPOINTS;
  home("default: [");
  assert.equal(await outcome(), "CONNECTION");
});

test("profiles can be given", async () => {
  home();
  const profiles = { default: { endpoint: port, apiKey: "wrong" }, site: { endpoint: port, apiKey: "right" } };
  assert.equal(await outcome({ profiles }), "UNAUTHENTICATED");
  assert.equal(await outcome({ profiles, profile: "site" }), "right");
  assert.equal(await outcome({ profiles, profile: "none" }), "PROFILE_NOT_FOUND");
});
