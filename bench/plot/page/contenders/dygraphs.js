import { css, lift } from "../data.js";
import { script, style } from "../load.js";

export async function load() {
  await style("/node_modules/dygraphs/dist/dygraph.min.css");
  await script("/node_modules/dygraphs/dist/dygraph.min.js");
}

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { of, low, high } = lift({ layout, count });
  const rows = (data) =>
    Array.from({ length }, (_, at) => [
      at,
      ...data.map((stream, index) => {
        const by = of(index);
        return raw ? stream[at] + by : [stream.min[at] + by, stream.mean[at] + by, stream.max[at] + by];
      }),
    ]);
  const shown = raw ? length : width;
  const element = root.appendChild(document.createElement("div"));
  Object.assign(element.style, { width: `${width}px`, height: `${height}px` });
  const graph = new window.Dygraph(element, rows(given), {
    customBars: !raw,
    labels: ["x", ...given.map((_, index) => `stream ${index}`)],
    colors: given.map((_, index) => css(index)),
    strokeWidth: 1.5,
    fillAlpha: 0.22,
    legend: "never",
    interactionModel: {},
    valueRange: [low, high],
    dateWindow: [0, shown],
  });
  return {
    redraw: () => graph.updateOptions({}),
    renew: (next) => graph.updateOptions({ file: rows(next) }),
    pan: (at) => graph.updateOptions({ dateWindow: [at, at + shown] }),
    destroy: () => graph.destroy(),
  };
}
