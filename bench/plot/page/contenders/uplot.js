import { css, counting, lift, lifted, paleCss } from "../data.js";
import { script, style } from "../load.js";

export async function load() {
  await style("/node_modules/uplot/dist/uPlot.min.css");
  await script("/node_modules/uplot/dist/uPlot.iife.min.js");
}

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { of, low, high } = lift({ layout, count });
  const times = counting(length);
  const columns = (data) =>
    data.flatMap((stream, index) => {
      const parts = raw ? [stream] : [stream.max, stream.min, stream.mean];
      return parts.map((values) => lifted(values, of(index)));
    });
  const series = given.flatMap((_, index) => {
    const line = { stroke: css(index), width: 1.5, points: { show: false } };
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    return raw ? [line] : [edge, edge, line].map((each) => ({ ...each }));
  });
  const bands = raw ? [] : given.map((_, index) => ({ series: [3 * index + 1, 3 * index + 2], fill: paleCss(index) }));
  const shown = raw ? length : width;
  const options = {
    width,
    height,
    series: [{}, ...series],
    bands,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, min: 0, max: shown }, y: { range: [low, high] } },
  };
  const plot = new window.uPlot(options, [times, ...columns(given)], root);
  return {
    redraw: () => plot.redraw(true, true),
    renew: (next) => plot.setData([times, ...columns(next)], true),
    pan: (at) => plot.setScale("x", { min: at, max: at + shown }),
    destroy: () => plot.destroy(),
  };
}
