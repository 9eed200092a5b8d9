// What the package's declarations say, judged by the compiler: nothing here is run.
import * as btrdb from "btrdb-web";
import { type Finding, diagnose } from "btrdb-web/diagnose";
import type { Columns, Connection, RawColumns, Read, StatColumns, Stream, StreamSet } from "btrdb-web";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Compiles only where `T` is `true`. */
function holds<T extends true>(): T | undefined {
  return undefined;
}

declare const connection: Connection;
declare const stream: Stream;
declare const set: StreamSet;
declare const options: { signal: AbortSignal; timeoutMs: number; retry: { retries: number } };

// The keys of T whose type is `any`, or which return `any` or a promise of it.
type Leaks<T> = {
  [K in keyof T]: IsAny<T[K]> extends true
    ? K
    : T[K] extends (...given: never[]) => infer R
      ? IsAny<R> extends true
        ? K
        : IsAny<Awaited<R>> extends true
          ? K
          : never
      : never;
}[keyof T];

// What is called with parameters of type `any`.
type Loose<T> = {
  [K in keyof T]: T[K] extends (...given: infer P) => unknown
    ? true extends { [I in keyof P]: IsAny<P[I]> }[number]
      ? K
      : never
    : never;
}[keyof T];

holds<Equal<Leaks<typeof btrdb>, never>>();
holds<Equal<Leaks<Connection>, never>>();
holds<Equal<Leaks<Stream>, never>>();
holds<Equal<Leaks<StreamSet>, never>>();
holds<Equal<Leaks<Read<RawColumns>>, never>>();
holds<Equal<Leaks<Required<btrdb.BTrDBError>>, never>>();
holds<Equal<Loose<Connection>, never>>();
holds<Equal<Loose<Stream>, never>>();
holds<Equal<Loose<StreamSet>, never>>();
holds<Equal<Loose<typeof btrdb>, never>>();

export async function reads(): Promise<void> {
  holds<Equal<typeof btrdb.connect extends (...given: never[]) => infer R ? R : never, Promise<Connection>>>();
  const all = await stream.values("2017-01-01", new Date(), { version: 5n, ...options });
  holds<Equal<typeof all, RawColumns>>();
  for await (const batch of stream.windows(0n, 1n, 1n)) holds<Equal<typeof batch, StatColumns>>();
  for await (const event of stream.tail()) {
    if (event.type === "points") event.value satisfies Float64Array;
    // @ts-expect-error: what changed has no values
    else event.value;
  }
  const found = await stream.nearest({ epochNanoseconds: 0n }, { backward: true });
  // @ts-expect-error: there may be no such point
  found.time;
  (await stream.count()) satisfies bigint;
}

export async function sets(): Promise<void> {
  const raw: RawColumns[] = await set.values();
  const windows = set.windows(1n);
  holds<Equal<typeof windows, StreamSet<StatColumns>>>();
  for await (const { points } of windows.rows()) points[0]?.count satisfies bigint | undefined;
  const filtered = await windows.filter({ name: /x/, unit: (unit) => unit === "volts" }, options);
  const stats: StatColumns[] = await filtered.values();
  const both: Columns[] = [...raw, ...stats];
  const [record] = await set.toDict({ agg: ["min"], name: ({ uuid }) => uuid });
  record?.["x"] satisfies number | bigint | null | undefined;
  both satisfies object[];
}

export async function refused(): Promise<void> {
  // @ts-expect-error: widths are needed
  stream.windows(0n, 1n);
  // @ts-expect-error: no such policy
  await stream.insert([], { merge: "sometimes" });
  // @ts-expect-error: no such statistic
  await set.toArray({ agg: "median" });
  // @ts-expect-error: connections are made by connect
  new btrdb.Connection();
  // @ts-expect-error: a boolean is no time
  stream.values(true);
  // @ts-expect-error: a version is a bigint
  stream.values(0n, 1n, { version: 5 });
  await connection.query<{ name: string }>("select name from streams").then(([row]) => row?.name satisfies string | undefined);
}

export async function network(): Promise<void> {
  const connection = await btrdb.connect("https://db.example", {
    apiKey: async () => "key",
    resume: { delayMs: 100 },
    stallMs: 10_000,
    fetch: (url, init) => fetch(url, init),
    intercept: ({ call, headers }) => {
      headers.set("x-call", call);
      return ({ grpcStatus }) => void (grpcStatus satisfies number | undefined);
    },
  });
  // What is plain data can be posted; functions cannot.
  structuredClone(connection.handle) satisfies { apiKey?: string | undefined };
  btrdb.Connection.fromHandle(connection.handle, { apiKey: () => "key" });
  await stream.windows(0n, 1n, 1n, { resume: true, stallMs: 100 });
  const { finding } = await diagnose("/", { apiKey: "key", stream: stream.uuid });
  holds<Equal<typeof finding, Finding>>();
  // @ts-expect-error: an interceptor returns what is told of the outcome, or nothing
  await btrdb.connect("/", { intercept: () => 1 });
  new btrdb.BTrDBError().readSoFar?.bytes satisfies number | undefined;
}

// What is not known yet may be said to be: `exactOptionalPropertyTypes` is on.
declare const maybe: { signal: AbortSignal | undefined; timeoutMs: number | undefined; version: bigint | undefined };
export const unsure = [stream.values(0n, 1n, maybe), btrdb.connect("/", { ...maybe, apiKey: undefined, worker: undefined })];
