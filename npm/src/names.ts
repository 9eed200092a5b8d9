import { text } from "./arguments.js";
import type { Descriptor } from "./columns.js";
import type { NameOptions } from "./tables.js";

/** @internal What `streams` are called, by `name` or, as the module calls them, by their paths. */
export function namesOf(streams: readonly Descriptor[], { name }: NameOptions): string[] {
  const called = name ?? (({ collection, tags }: Descriptor) => `${collection}/${tags["name"] ?? ""}`);
  return streams.map((stream) => text(called(stream), "a name"));
}
