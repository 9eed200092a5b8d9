/** How many are remembered: of calls that fail together, only the first is asked about. */
const MOST = 64;

const remembered = new Map<string, unknown>();
let last = 0;

/** @internal Remembers what a function of the caller's threw, which the module cannot hold, by a name that it can. */
export function remember(thrown: unknown): string {
  // No details of a server's begin so, which are base64.
  const name = `thrown:${(last += 1)}`;
  remembered.set(name, thrown);
  if (remembered.size > MOST) remembered.delete(remembered.keys().next().value as string);
  return name;
}

/** @internal What was thrown and is known by `name`, if anything was, once. */
export function recall(name = ""): { cause: unknown } | undefined {
  if (!remembered.has(name)) return undefined;
  const cause = remembered.get(name);
  remembered.delete(name);
  return { cause };
}
