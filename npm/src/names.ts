import { text } from "./arguments.js";
import type { Descriptor } from "./columns.js";
import { BTRDBValueError } from "./errors.js";
import type { NameOptions } from "./tables.js";

/** @internal What `streams` are called, by `name` or, as the module calls them, by their paths. */
export function namesOf(streams: readonly Descriptor[], { name }: NameOptions): string[] {
  const called = name ?? (({ collection, tags }: Descriptor) => `${collection}/${tags["name"] ?? ""}`);
  return streams.map((stream) => text(called(stream), "a name"));
}

/** @internal `names`, which are those of columns: of two with one name, readers by name would see the last alone. */
export function distinct(names: string[]): string[] {
  const taken = new Set(["time"]);
  for (const name of names) {
    if (taken.has(name)) throw new BTRDBValueError(`two columns called ${JSON.stringify(name)}: give another \`name\``);
    taken.add(name);
  }
  return names;
}
