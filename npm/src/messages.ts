// What a page and its worker tell each other.

import type { Control } from "./btrdb_web.js";
import type { Scope } from "./scope.js";
import type { PlainSettings } from "./settings.js";

/** @internal A call of a method of a stream or a set, as plain data. */
export interface Task {
  settings: PlainSettings;
  uuids: string[];
  /** How a set is read; left out for a stream. */
  scope?: Scope | undefined;
  method: string;
  /** What the method is given, but for its `control`. */
  given: unknown[];
}

/** @internal What a worker is told. */
export type ToWorker =
  /** To begin. */
  | { kind: "start"; module: WebAssembly.Module }
  | { kind: "task"; id: number; task: Task; control: Omit<Control, "signal"> }
  /** That one message of batches is used up. */
  | { kind: "taken"; id: number }
  | { kind: "cancel"; id: number };

/** @internal What a worker tells. */
export type FromWorker =
  | { kind: "started"; failure?: string }
  /** What a task came to; with `isRead`, batches follow. */
  | { kind: "done"; id: number; value: unknown; isRead: boolean }
  | { kind: "batches"; id: number; batches: unknown[] }
  | { kind: "end"; id: number }
  | { kind: "failed"; id: number; failure: unknown };

/** What tells our messages from those that a caller and a worker of its own exchange besides. */
const MARK = "btrdb-web";

/** @internal `message` as it is posted. */
export function marked(message: ToWorker | FromWorker): unknown {
  return { [MARK]: message };
}

/** @internal The message that `posted` is, if it is one of ours. */
export function unmarked<M extends ToWorker | FromWorker>(posted: unknown): M | undefined {
  return (posted as { [MARK]?: M } | null | undefined)?.[MARK];
}
