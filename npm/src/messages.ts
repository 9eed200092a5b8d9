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
