// How often means occur, as bars drawn by Plotly.
import Plotly from "plotly.js-basic-dist-min";

import type { Line, Picture } from "./read";
import { colour, named } from "./theme";

const BARS = 60;

/** Draws into `place` the streams that have the unit of the first: others would need an axis of their own. */
export async function drawOften(place: HTMLElement, { lines }: Picture): Promise<void> {
  const unit = lines[0]?.unit ?? "";
  const shown = lines.map((line, index) => ({ line, index })).filter(({ line }) => line.unit === unit);
  const means = shown.map(({ line }) => present(line));
  const low = means.flat().reduce((low, mean) => Math.min(low, mean), Infinity);
  const high = means.flat().reduce((high, mean) => Math.max(high, mean), -Infinity);
  const step = (high - low) / BARS || 1;
  const bars = shown.map(({ line, index }, at): Partial<Plotly.PlotData> => {
    const counts = new Array<number>(BARS).fill(0);
    for (const mean of means[at] ?? []) {
      const bar = Math.min(BARS - 1, Math.floor((mean - low) / step));
      counts[bar] = (counts[bar] ?? 0) + 1;
    }
    const x = counts.map((_, bar) => low + (bar + 0.5) * step);
    return { type: "bar", name: line.name, x, y: counts, marker: { color: colour(index, "b0") } };
  });
  const axis = { gridcolor: named("line"), zerolinecolor: named("line"), automargin: true };
  const layout: Partial<Plotly.Layout> = {
    height: 260,
    margin: { l: 50, r: 10, t: 10, b: 40 },
    barmode: "overlay",
    bargap: 0.05,
    paper_bgcolor: named("card"),
    plot_bgcolor: named("card"),
    font: { color: named("quiet"), family: "system-ui, sans-serif" },
    xaxis: { ...axis, title: { text: unit } },
    yaxis: { ...axis, title: { text: "windows" } },
    showlegend: shown.length > 1,
  };
  await Plotly.react(place, bars, layout, { displayModeBar: false, responsive: true });
}

function present({ windows: { mean, count } }: Line): number[] {
  return Array.from(mean).filter((_, row) => count[row]);
}
