import { css, lift, paleCss } from "../data.js";
import { script } from "../load.js";

export const load = () => script("/node_modules/echarts/dist/echarts.min.js");

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const { of, low, high } = lift({ layout, count });
  const pairs = (values, value) => Array.from(values, (_, at) => [at, value(at)]);
  const common = { type: "line", showSymbol: false, silent: true, animation: false };
  const series = (data) =>
    data.flatMap((stream, index) => {
      const by = of(index);
      const line = (values) => ({
        ...common,
        lineStyle: { color: css(index), width: 1.5 },
        data: pairs(values, (at) => values[at] + by),
      });
      if (raw) return [line(stream)];
      const { min, mean, max } = stream;
      // A band is a stack: an invisible line at the minimum, and an area as high as the band is wide.
      const edge = { ...common, stack: `band ${index}`, stackStrategy: "all", lineStyle: { opacity: 0 } };
      return [
        { ...edge, data: pairs(min, (at) => min[at] + by) },
        { ...edge, data: pairs(min, (at) => max[at] - min[at]), areaStyle: { color: paleCss(index), opacity: 1 } },
        line(mean),
      ];
    });
  const shown = raw ? length : width;
  const element = root.appendChild(document.createElement("div"));
  const chart = window.echarts.init(element, null, { renderer: "canvas", width, height, devicePixelRatio: 1 });
  const flush = () => chart.getZr().flush();
  chart.setOption({
    animation: false,
    grid: { left: 50, right: 10, top: 10, bottom: 40 },
    xAxis: { type: "value", min: 0, max: shown },
    yAxis: { type: "value", min: low, max: high },
    series: series(given),
  });
  flush();
  return {
    redraw: () => (chart.resize(), flush()),
    renew: (next) => (chart.setOption({ series: series(next) }), flush()),
    pan: (at) => (chart.setOption({ xAxis: { min: at, max: at + shown } }), flush()),
    destroy: () => chart.dispose(),
  };
}
