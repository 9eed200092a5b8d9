// What Linux knows of running processes; elsewhere there are none.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

/** The processes that the process `ancestor` started, that those started, and so on. */
export function descendants(ancestor) {
  const below = new Map();
  for (const id of ids()) {
    const parent = status(id, "PPid");
    below.set(parent, [...(below.get(parent) ?? []), id]);
  }
  const all = (id) => (below.get(id) ?? []).flatMap((child) => [child, ...all(child)]);
  return all(ancestor);
}

/** Those of `processes` that show pages of a Chromium. */
export function pages(processes) {
  return processes.filter((id) => unlessGone(() => readFileSync(`/proc/${id}/cmdline`, "utf8"), "").includes("--type=renderer"));
}

/** A number of a process's status, memory in kB; 0 where the process is gone. */
export function status(id, field) {
  const text = unlessGone(() => readFileSync(`/proc/${id}/status`, "utf8"), "");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** Lets `VmHWM`, the most memory so far, begin anew at what there is now. */
export function forgetPeak(id) {
  unlessGone(() => writeFileSync(`/proc/${id}/clear_refs`, "5"));
}

/** Ends a process at once, if it is there. */
export function kill(id) {
  unlessGone(() => process.kill(id, "SIGKILL"));
}

function ids() {
  return unlessGone(() => readdirSync("/proc"), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function unlessGone(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
