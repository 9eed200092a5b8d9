// What the explorer is measured on: a stream of 10^8 points, and twenty others of a simulated network.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { frame } from "../../tests/e2e/lib/wire.js";
import { startServer } from "../../tests/e2e/lib/server.js";

export const LARGE = "00000000-0000-4000-8000-000000000120";
/** 120 Hz, as a clock of whole nanoseconds has it. */
export const PERIOD = 8_333_333n;
export const START = 1_700_000_000_000_000_000n;
/** When simulations begin, and for how long they last here. */
export const NEW_YEAR = 1_767_225_600_000_000_000n;
export const NETWORK_HOURS = 2n;
/** Of how many phasor measurement units there are 200 streams and more. */
const CROWD_UNITS = 20;
/** As many points as one call may carry. */
const CALL = 1_000_000;

const bytes = (field, content) => Buffer.concat([Buffer.from([field * 8 + 2, ...varint(content.length)]), content]);

function varint(number) {
  const out = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest];
    out.push((rest % 128) | 128);
  }
}

async function call(url, name, message) {
  const headers = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  const answer = await fetch(`${url}/v5api.BTrDB/${name}`, { method: "POST", headers, body: frame(message) });
  const content = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok || !content.includes("grpc-status:0")) throw new Error(`${name}: ${content.toString("latin1", 0, 200)}`);
}

/** Points `from` to `to`: a mains frequency, a slow swing and noise with all its bits. */
function points(from, to) {
  const each = 2 + 18;
  const out = Buffer.alloc((to - from) * each);
  let noise = from * 2_654_435_761;
  for (let index = from, at = 0; index < to; index += 1, at += each) {
    noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) | 0;
    out[at] = 0x1a;
    out[at + 1] = 18;
    out[at + 2] = 0x09;
    out.writeBigInt64LE(START + BigInt(index) * PERIOD, at + 3);
    out[at + 11] = 0x11;
    out.writeDoubleLE(60 + 0.02 * Math.sin(index / 5_000) + noise / 2 ** 38, at + 12);
  }
  return out;
}

/** Makes the data folders in `work` that are not there, and returns where they are. */
export async function prepare(work, count) {
  const large = join(work, `large-${count}`);
  await unlessThere(large, async () => {
    const server = await startServer({ data: large, app: undefined });
    const uuid = bytes(1, Buffer.from(LARGE.replaceAll("-", ""), "hex"));
    await call(server.url, "Create", Buffer.concat([uuid, bytes(2, Buffer.from("bench/large"))]));
    for (let from = 0; from < count; from += CALL) {
      const message = Buffer.concat([uuid, points(from, Math.min(count, from + CALL))]);
      await call(server.url, "Insert", message);
      if (from % (10 * CALL) === 0) console.log(`stored ${from} of ${count} points`);
    }
    await server.stop();
  });
  const network = join(work, "network");
  await unlessThere(network, () => {
    const what = ["--pmus", "2", "--rate", "120", "--duration", `${NETWORK_HOURS}h`];
    execFileSync(process.env.BTRDB_LOCAL, ["simulate", "--data", network, ...what], { stdio: "ignore" });
  });
  const crowd = join(work, "crowd");
  await unlessThere(crowd, () => {
    const what = ["--pmus", String(CROWD_UNITS), "--rate", "30", "--duration", "30m"];
    execFileSync(process.env.BTRDB_LOCAL, ["simulate", "--data", crowd, ...what], { stdio: "ignore" });
  });
  return { large, network, crowd };
}

async function unlessThere(folder, make) {
  const mark = `${folder}.made`;
  if (existsSync(mark)) return;
  rmSync(folder, { recursive: true, force: true });
  await make();
  writeFileSync(mark, "");
}
