// Data folders of a test's own.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that `remove` removes again; `data` in it holds the recordings. */
export function recordings() {
  const folder = temporary();
  cpSync(process.env.BTRDB_DATA, folder.data, { recursive: true });
  return folder;
}

/** A folder that `remove` removes again; `data` in it holds what `btrdb-local simulate` makes up. */
export function simulated(...options) {
  const folder = temporary();
  execFileSync(process.env.BTRDB_LOCAL, ["simulate", "--data", folder.data, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { RUST_LOG: "warn", ...process.env },
  });
  return folder;
}

/** A folder that `remove` removes again; there is no `data` in it yet. */
export function temporary() {
  const path = mkdtempSync(join(tmpdir(), "btrdb-examples-"));
  return { path, data: join(path, "data"), remove: () => rmSync(path, { recursive: true, force: true }) };
}
