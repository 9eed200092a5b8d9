// It has no bands: three lines a stream take their place.
import { css, lift, paleCss } from "../data.js";
import { script } from "../load.js";

export const load = () => script("/node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.js");

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { createChart, LineSeries } = window.LightweightCharts;
  const { of, low, high } = lift({ layout, count });
  const element = root.appendChild(document.createElement("div"));
  const chart = createChart(element, {
    width,
    height,
    handleScroll: false,
    handleScale: false,
    timeScale: { minBarSpacing: 0.001, fixLeftEdge: false },
    rightPriceScale: { scaleMargins: { top: 0, bottom: 0 } },
  });
  const autoscaleInfoProvider = () => ({ priceRange: { minValue: low, maxValue: high } });
  const common = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false, autoscaleInfoProvider };
  const parts = (stream) => (raw ? [stream] : [stream.max, stream.min, stream.mean]);
  const rows = (values, by) => Array.from(values, (value, time) => ({ time, value: value + by }));
  const series = given.map((stream, index) =>
    parts(stream).map((_, part) => {
      const color = raw || part === 2 ? css(index) : paleCss(index);
      return chart.addSeries(LineSeries, { ...common, color, lineWidth: 1 });
    }),
  );
  const load = (data) =>
    data.forEach((stream, index) => parts(stream).forEach((values, part) => series[index][part].setData(rows(values, of(index)))));
  const shown = raw ? length : width;
  load(given);
  const show = (at) => chart.timeScale().setVisibleLogicalRange({ from: at, to: at + shown });
  show(0);
  let odd = false;
  return {
    redraw() {
      // It redraws all when an option of the chart has changed, and nothing without a change.
      odd = !odd;
      chart.applyOptions({ layout: { background: { color: odd ? "#ffffff" : "#fffffe" } } });
    },
    renew: load,
    pan: show,
    destroy: () => chart.remove(),
  };
}
