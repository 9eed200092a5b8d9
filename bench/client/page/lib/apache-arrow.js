import { tableFromIPC } from "apache-arrow";

/** The columns of an Arrow stream. */
export function columnsOf(bytes) {
  const table = tableFromIPC(bytes);
  return table.schema.fields.map((_, column) => table.getChildAt(column).toArray());
}
