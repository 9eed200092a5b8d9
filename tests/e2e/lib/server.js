// The real btrdb-local, started as a person would, on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const READY = "listening on ";

/**
 * Starts the server over the imported recordings and resolves once it answers.
 *
 * `app` is the folder of static files it serves, `port` the port to listen on; 0 lets the system choose.
 */
export async function startServer({ app = process.env.BTRDB_APP, port = 0, extra = [] } = {}) {
  const { BTRDB_LOCAL: program, BTRDB_DATA: data } = process.env;
  if (!program || !data || !app) throw new Error("run these tests with `cargo xtask test --only browser`");
  const listen = ["--data", data, "--app", app, "--listen", `127.0.0.1:${port}`];
  const child = spawn(program, ["serve", ...listen, ...extra], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { RUST_LOG: "warn", ...process.env },
  });
  const exited = once(child, "exit");
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith(READY)) resolve(line.slice(READY.length).trim());
    });
    exited.then(([code, signal]) => reject(new Error(`the server ended before it answered (${code ?? signal})`)));
    child.once("error", reject);
  });
  return {
    url,
    port: Number(new URL(url).port),
    /** Ends the server and waits until it is gone and has let go of the data folder. */
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await exited;
    },
  };
}
