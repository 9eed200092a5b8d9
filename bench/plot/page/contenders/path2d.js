// A floor: paths by hand, on one canvas, without axes.
import { css, lift, paleCss } from "../data.js";

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const canvas = root.appendChild(Object.assign(document.createElement("canvas"), { width, height }));
  const context = canvas.getContext("2d");
  const { of, low, high } = lift({ layout, count });
  const y = (value) => ((high - value) / (high - low)) * height;
  let data = given;
  let [start, shown] = [0, raw ? length : width];
  function draw() {
    context.clearRect(0, 0, width, height);
    const x = (at) => ((at - start + 0.5) / shown) * width;
    data.forEach((stream, index) => {
      const by = of(index);
      const line = new Path2D();
      const mean = raw ? stream : stream.mean;
      for (let at = start; at < start + shown; at += 1) line.lineTo(x(at), y(mean[at] + by));
      if (!raw) {
        const band = new Path2D();
        for (let at = start; at < start + shown; at += 1) band.lineTo(x(at), y(stream.max[at] + by));
        for (let at = start + shown - 1; at >= start; at -= 1) band.lineTo(x(at), y(stream.min[at] + by));
        band.closePath();
        context.fillStyle = paleCss(index);
        context.fill(band);
      }
      context.strokeStyle = css(index);
      context.lineWidth = 1.5;
      context.stroke(line);
    });
  }
  draw();
  return {
    redraw: draw,
    renew: (next) => ((data = next), draw()),
    pan: (at) => ((start = at), draw()),
    destroy() {},
  };
}
