// A floor: a rasteriser by hand that writes pixel columns into one ImageData, without axes and without anti-aliasing.
import { BAND_ALPHA, lift, rgb } from "../data.js";

export async function create({ root, width, height, layout, count, raw, length }, given) {
  const canvas = root.appendChild(Object.assign(document.createElement("canvas"), { width, height }));
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const { of, low, high } = lift({ layout, count });
  const factor = height / (high - low);
  const [least, most, average, number] = [0, 1, 2, 3].map(() => new Float64Array(width));
  let data = given;
  let start = 0;

  /** Lays a colour over rows `from` to `to` of a column. */
  function lay(x, from, to, red, green, blue, alpha) {
    const rest = 256 - alpha;
    const [redBlue, onlyGreen] = [(red | (blue << 16)) * alpha, (green << 8) * alpha];
    for (let at = from * width + x, end = to * width + x; at < end; at += width) {
      const below = pixels[at];
      pixels[at] =
        0xff000000 |
        ((((below & 0xff00ff) * rest + redBlue) / 256) & 0xff00ff) |
        ((((below & 0xff00) * rest + onlyGreen) >>> 8) & 0xff00);
    }
  }

  /** Minimum, mean and maximum of the points in each column. */
  function reduce(values) {
    least.fill(Infinity), most.fill(-Infinity), average.fill(0), number.fill(0);
    for (let at = 0; at < length; at += 1) {
      const [x, value] = [Math.floor((at / length) * width), values[at]];
      if (value < least[x]) least[x] = value;
      if (value > most[x]) most[x] = value;
      average[x] += value;
      number[x] += 1;
    }
    for (let x = 0; x < width; x += 1) average[x] /= number[x];
    return { min: least, mean: average, max: most };
  }

  function draw() {
    pixels.fill(0xffffffff);
    const bandAlpha = Math.round(BAND_ALPHA * 256);
    data.forEach((stream, index) => {
      const { min, mean, max } = raw ? reduce(stream) : stream;
      const [red, green, blue] = rgb(index);
      const solid = (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
      const top = (high - of(index)) * factor;
      let before = -1;
      for (let x = 0; x < width; x += 1) {
        const at = start + x;
        lay(x, Math.floor(top - max[at] * factor), Math.ceil(top - min[at] * factor), red, green, blue, bandAlpha);
        const here = top - mean[at] * factor;
        const there = before < 0 ? here : before;
        const from = Math.floor(Math.min(here, there) - 0.25);
        const to = Math.max(from + 2, Math.ceil(Math.max(here, there) + 0.25));
        for (let place = from * width + x, end = to * width + x; place < end; place += width) pixels[place] = solid;
        before = here;
      }
    });
    context.putImageData(image, 0, 0);
  }
  draw();
  return {
    redraw: draw,
    renew: (next) => ((data = next), draw()),
    pan: (at) => ((start = at), draw()),
    destroy() {},
  };
}
