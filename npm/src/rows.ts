import type { Records, Rows } from "./btrdb_web.js";
import { type Columns, type PointOf, pointAt } from "./columns.js";
import type { Row, TableRecord } from "./tables.js";

/** @internal Rows out of columns. */
export function* rowsOf<C extends Columns>({ time, streams }: Rows): Generator<Row<C>> {
  for (let row = 0; row < time.length; row += 1) {
    const points = streams.map(({ present, columns }): PointOf<C> | undefined => {
      return present[row] ? (pointAt(columns, row) as PointOf<C>) : undefined;
    });
    yield { time: time[row] as bigint, points };
  }
}

/** @internal Rows of numbers, called `keys`, out of columns. */
export function* recordsOf({ time, columns }: Records, keys: readonly string[]): Generator<TableRecord> {
  for (let row = 0; row < time.length; row += 1) {
    const record: TableRecord = { time: time[row] as bigint };
    columns.forEach(({ present, values }, place) => {
      record[keys[place] as string] = present[row] ? (values[row] as number | bigint) : null;
    });
    yield record;
  }
}
