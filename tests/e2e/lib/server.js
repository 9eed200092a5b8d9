// The real btrdb-local, started as a person would, on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const READY = "listening on ";

/**
 * Starts the server and resolves once it answers.
 *
 * `data` is its data folder, that of the imported recordings unless given; `app` the folder of static files it serves;
 * `port` the port to listen on, where 0 lets the system choose; `tls` whether with TLS, by a certificate of its own.
 */
export async function startServer(options = {}) {
  const { BTRDB_LOCAL: program, BTRDB_DATA, BTRDB_APP } = process.env;
  const { data = BTRDB_DATA, app = BTRDB_APP, port = 0, tls = false, extra = [] } = options;
  if (!program || !data) throw new Error("run these tests with `cargo xtask test --only browser`, or `node`");
  const door = tls ? ["--tls-only", "--tls-self-signed", "--listen-tls"] : ["--listen"];
  const listen = ["--data", data, ...(app ? ["--app", app] : []), ...door, `127.0.0.1:${port}`];
  const child = spawn(program, ["serve", ...listen, ...extra], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { RUST_LOG: "warn", ...process.env },
  });
  const exited = once(child, "exit");
  const doors = [];
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith(READY)) resolve(doors[doors.push(line.slice(READY.length).trim()) - 1]);
    });
    exited.then(([code, signal]) => reject(new Error(`the server ended before it answered (${code ?? signal})`)));
    child.once("error", reject);
  });
  return {
    url,
    port: Number(new URL(url).port),
    /** The address of the door of `scheme`, such as `https:`, which is printed after the first. */
    async door(scheme) {
      for (;;) {
        const found = doors.find((door) => door.startsWith(scheme));
        if (found) return found;
        await new Promise((done) => setTimeout(done, 5));
      }
    },
    /** Ends the server and waits until it is gone and has let go of the data folder. */
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await exited;
    },
  };
}
