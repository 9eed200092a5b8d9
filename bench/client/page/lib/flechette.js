import { tableFromIPC } from "@uwdata/flechette";

/** The columns of an Arrow stream. It takes none whose columns do not lie at multiples of eight, as here they never do. */
export function columnsOf(bytes) {
  const { children } = tableFromIPC(bytes.slice(), { useBigInt: true });
  return children.map((column) => {
    if (column.data.length !== 1) throw new Error("more than one batch");
    return column.data[0].values;
  });
}
