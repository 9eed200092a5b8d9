import { css, counting, lift, lifted, paleCss } from "../data.js";
import { script } from "../load.js";

export const load = () => script("/node_modules/plotly.js-dist-min/plotly.min.js");

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { Plotly } = window;
  const { of, low, high } = lift({ layout, count });
  const x = counting(length);
  const traces = (data) =>
    data.flatMap((stream, index) => {
      const common = { type: "scattergl", mode: "lines", x, hoverinfo: "skip", showlegend: false };
      const line = (values) => ({ ...common, y: lifted(values, of(index)), line: { color: css(index), width: 1.5 } });
      if (raw) return [line(stream)];
      const edge = { ...common, line: { width: 0, color: "rgba(0,0,0,0)" } };
      return [
        { ...edge, y: lifted(stream.min, of(index)) },
        { ...edge, y: lifted(stream.max, of(index)), fill: "tonexty", fillcolor: paleCss(index) },
        line(stream.mean),
      ];
    });
  const shown = raw ? length : width;
  const frame = (start) => ({
    width,
    height,
    margin: { l: 50, r: 10, t: 10, b: 40 },
    xaxis: { range: [start, start + shown] },
    yaxis: { range: [low, high] },
  });
  await Plotly.newPlot(root, traces(given), frame(0), { staticPlot: true });
  return {
    redraw: () => Plotly.redraw(root),
    renew: (next) => Plotly.react(root, traces(next), frame(0), { staticPlot: true }),
    pan: (at) => Plotly.relayout(root, { "xaxis.range": [at, at + shown] }),
    destroy: () => Plotly.purge(root),
  };
}
