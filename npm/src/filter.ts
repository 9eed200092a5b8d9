import { optionalBytes, optionalFields, text } from "./arguments.js";
import type { Choice } from "./btrdb_web.js";
import type { Descriptor } from "./columns.js";
import { type TimeInput, optionalNanoseconds } from "./time.js";

/** Which texts will do: this one in upper or lower case, those the expression is found in, or those it says so of. */
export type TextFilter = string | RegExp | ((text: string) => boolean);

/** What a stream must be to stay in a set, and what is read of those that stay. All that is said must hold. */
export interface Filter {
  /** The first time that is read. Overrides an earlier filter's. */
  start?: TimeInput | undefined;
  /** The first time that is no longer read. Overrides an earlier filter's. */
  end?: TimeInput | undefined;
  /** The collection. */
  collection?: TextFilter | undefined;
  /** The tag `name`. */
  name?: TextFilter | undefined;
  /** The tag `unit`. */
  unit?: TextFilter | undefined;
  /** Tags and the values they must have. */
  tags?: Readonly<Record<string, string>> | undefined;
  /** Annotations and the values they must have, as stored. */
  annotations?: Readonly<Record<string, string>> | undefined;
  /**
   * In hertz: points read together as one table are moved to the nearest time of a grid of this frequency that begins at
   * `start`. 0 moves none. Windows are not moved.
   */
  samplingFrequency?: number | undefined;
  /** The schema of tables of points read as Arrow, as an IPC stream without batches. */
  schema?: Uint8Array | undefined;
}

/** @internal `filter` as the module takes it: expressions and functions become the texts that they accept. */
export async function choice(filter: Filter, descriptors: () => Promise<Descriptor[]>): Promise<Choice> {
  const { samplingFrequency } = filter;
  const accepted = async (what: "collection" | "name" | "unit", of: (stream: Descriptor) => string) => {
    const wanted = filter[what];
    if (wanted === undefined) return undefined;
    if (!(wanted instanceof RegExp) && typeof wanted !== "function") return text(wanted, what);
    const fits = wanted instanceof RegExp ? (text: string) => text.search(wanted) >= 0 : wanted;
    return (await descriptors()).map(of).filter((text) => fits(text));
  };
  return {
    start: optionalNanoseconds(filter.start, "start"),
    end: optionalNanoseconds(filter.end, "end"),
    collection: await accepted("collection", (stream) => stream.collection),
    name: await accepted("name", ({ tags }) => tags["name"] ?? ""),
    unit: await accepted("unit", ({ tags }) => tags["unit"] ?? ""),
    tags: optionalFields(filter.tags, "tags"),
    annotations: optionalFields(filter.annotations, "annotations"),
    samplingFrequency,
    schema: optionalBytes(filter.schema, "schema"),
  };
}

