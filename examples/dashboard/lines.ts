// Windows as lines, each in a band from the smallest to the largest value, drawn by uPlot.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Line, Picture } from "./read";
import { colour, named } from "./theme";

type Column = (number | null)[];

let drawn: uPlot | undefined;

/** Draws `picture` into `place`, instead of what was there. */
export function drawLines(place: HTMLElement, { range, width, lines }: Picture): void {
  drawn?.destroy();
  const rows = Number((range.end - range.start) / width);
  // uPlot takes seconds as numbers. The start of a window is exact to a microsecond in them, and ours stays a bigint.
  const seconds = Array.from({ length: rows }, (_, row) => Number(range.start + BigInt(row) * width) / 1e9);
  const columns = lines.flatMap(({ windows }) => {
    // Windows without points are left out or have a count of 0; either way there is nothing to draw there.
    const place = Array.from(windows.time, (time) => Number((time - range.start) / width));
    return [windows.mean, windows.min, windows.max].map((values) => spread(values, place, windows.count, rows));
  });
  drawn = new uPlot(options(place, lines), [seconds, ...columns], place);
}

/** The time of day in UTC, and the day where a tick is at midnight. */
function clock(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return seconds % 86_400 === 0 ? text.slice(0, 10) : text.slice(11, 19);
}

function spread(values: Float64Array, place: number[], count: BigUint64Array, rows: number): Column {
  const column: Column = Array.from({ length: rows }, () => null);
  values.forEach((value, at) => {
    if (count[at]) column[place[at] as number] = value;
  });
  return column;
}

/** Three series for each stream: the mean, and the edges of its band, which a single window would be too thin to fill. Streams of one unit share a scale. */
function options(place: HTMLElement, lines: Line[]): uPlot.Options {
  const units = [...new Set(lines.map(({ unit }) => unit))];
  const scale = (unit: string) => unit || "value";
  const axis = { stroke: named("quiet"), grid: { stroke: named("line"), width: 1 }, ticks: { stroke: named("line"), width: 1 } };
  return {
    width: place.clientWidth,
    height: 340,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { y: false },
    series: [
      {},
      ...lines.flatMap(({ name, unit }, index): uPlot.Series[] => [
        { label: name, scale: scale(unit), stroke: colour(index), width: 1.5, points: { show: false } },
        { scale: scale(unit), stroke: colour(index, "a0"), width: 1, points: { show: false } },
        { scale: scale(unit), stroke: colour(index, "a0"), width: 1, points: { show: false } },
      ]),
    ],
    bands: lines.map((_, index) => ({ series: [3 * index + 3, 3 * index + 2], fill: colour(index, "40") })),
    axes: [
      { ...axis, space: 90, values: (_, ticks) => ticks.map(clock) },
      // There is room for an axis on either side; further units have scales, but no axis.
      ...units.slice(0, 2).map((unit, side): uPlot.Axis => ({
        ...axis,
        scale: scale(unit),
        label: unit,
        size: 70,
        side: side === 0 ? 3 : 1,
        grid: { ...axis.grid, show: side === 0 },
      })),
    ],
  };
}
