// The explorer's drawing, with axes.
import init, { Hud, Plot } from "/module/btrdb_bench_plot.js";

/** The width of a window, 2^24 ns, and the distance of the raw points, 2^20 ns. */
const WINDOW = 24;
const POINT = 20;
const GUTTER = 56;

export async function load() {
  const { memory } = await init({ module_or_path: "/module/btrdb_bench_plot_bg.wasm" });
  window.wasmMemory = memory;
}

/** What the figures at the bottom of the page take, in milliseconds a frame: noted in every one, shown every 250 ms. */
export function hud(root) {
  const element = root.appendChild(document.createElement("span"));
  const hud = new Hud();
  const frames = 3_000;
  const begun = performance.now();
  for (let at = 0; at < frames; at += 1) {
    hud.frame(4 + (at % 7));
    if (at % 15 > 0) continue;
    element.textContent = hud.words();
    element.getBoundingClientRect();
  }
  element.remove();
  return (performance.now() - begun) / frames;
}

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const canvas = (left, top, wide, high) => {
    const style = `position:absolute;left:${left}px;top:${top}px;width:${wide}px;height:${high}px`;
    return root.appendChild(Object.assign(document.createElement("canvas"), { style }));
  };
  // The axes come on top of what the others have: the data alone takes 1,600 by 900 pixels.
  const plot = new Plot(width, canvas(-GUTTER, height, width + GUTTER, 44));
  if (layout === "lanes") {
    for (let index = 0; index < count; index += 1) {
      const [top, bottom] = [index, index + 1].map((edge) => Math.round((edge * height) / count));
      const [series, before] = [0, 0].map((left) => canvas(left, top, width, bottom - top));
      plot.add_lane(canvas(-GUTTER, top, width + GUTTER, bottom - top), series, before);
    }
  } else {
    plot.add_overlaid(count, canvas(0, 0, width, height), root.appendChild(document.createElement("div")));
  }
  let start = 0;
  let now = 0;
  const load = (data) => {
    plot.clear();
    data.forEach((stream, index) => {
      if (raw) plot.set_points(index, POINT, stream);
      else plot.set_windows(index, stream.min, stream.mean, stream.max);
    });
  };
  const draw = () => plot.draw(start, raw ? POINT : WINDOW, raw ? length : width, (now += 16));
  load(given);
  draw();
  return {
    redraw: () => (plot.relayout(), draw()),
    renew: (next) => (load(next), draw()),
    pan: (at) => ((start = at), draw()),
    destroy: () => plot.free(),
  };
}
