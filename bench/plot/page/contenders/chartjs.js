import { css, lift, paleCss } from "../data.js";
import { script } from "../load.js";

export const load = () => script("/node_modules/chart.js/dist/chart.umd.min.js");

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { of, low, high } = lift({ layout, count });
  const pairs = (values, by) => Array.from(values, (value, x) => ({ x, y: value + by }));
  const common = { pointRadius: 0, borderWidth: 0, tension: 0 };
  const datasets = (data) =>
    data.flatMap((stream, index) => {
      const by = of(index);
      const line = (values) => ({ ...common, data: pairs(values, by), borderColor: css(index), borderWidth: 1.5 });
      if (raw) return [line(stream)];
      return [
        { ...common, data: pairs(stream.max, by), fill: "+1", backgroundColor: paleCss(index) },
        { ...common, data: pairs(stream.min, by) },
        line(stream.mean),
      ];
    });
  const shown = raw ? length : width;
  const box = root.appendChild(document.createElement("div"));
  Object.assign(box.style, { width: `${width}px`, height: `${height}px`, position: "relative" });
  const canvas = box.appendChild(document.createElement("canvas"));
  const chart = new window.Chart(canvas, {
    type: "line",
    data: { datasets: datasets(given) },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      maintainAspectRatio: false,
      devicePixelRatio: 1,
      events: [],
      plugins: { legend: { display: false }, tooltip: { enabled: false }, decimation: { enabled: raw === true } },
      scales: { x: { type: "linear", min: 0, max: shown }, y: { type: "linear", min: low, max: high } },
    },
  });
  return {
    redraw: () => chart.update("none"),
    renew(next) {
      chart.data.datasets = datasets(next);
      chart.update("none");
    },
    pan(at) {
      Object.assign(chart.options.scales.x, { min: at, max: at + shown });
      chart.update("none");
    },
    destroy: () => chart.destroy(),
  };
}
