// The numbers under the lines. They are exact: every point is in one window.
import { made, row } from "../shared/dom";
import type { Line, Picture } from "./read";
import { colour } from "./theme";

/** Fills `body` with a row for each stream. */
export function showSummary(body: HTMLTableSectionElement, { lines }: Picture): void {
  body.replaceChildren(
    ...lines.map((line, index) => {
      const { points, low, mean, high } = summary(line);
      const name = made("span", line.name);
      const dot = made("span", "", { class: "dot" });
      dot.style.background = colour(index);
      name.prepend(dot);
      const numbers = [low, mean, high].map((value) => (points > 0n ? value.toLocaleString("en") : "–"));
      const shown = row([name, line.unit, points.toLocaleString("en"), ...numbers]);
      shown.dataset["uuid"] = line.uuid;
      shown.dataset["points"] = String(points);
      return shown;
    }),
  );
}

function summary({ windows }: Line): { points: bigint; low: number; mean: number; high: number } {
  let [points, low, sum, high] = [0n, Infinity, 0, -Infinity];
  windows.count.forEach((count, row) => {
    if (count === 0n) return;
    points += count;
    low = Math.min(low, windows.min[row] as number);
    high = Math.max(high, windows.max[row] as number);
    sum += (windows.mean[row] as number) * Number(count);
  });
  return { points, low, mean: sum / Number(points), high };
}
