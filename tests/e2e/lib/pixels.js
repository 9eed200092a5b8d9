// Reading what was really drawn.
import { PNG } from "pngjs";

/** How far a pixel may be from the mixture of two colours and still be one, as the length of the difference. */
const NEAR = 14;
/** What of a series must at least be in a pixel; the band between minimum and maximum has more, grid lines have less. */
const INK = 0.15;

/** Names and buttons lie over the picture, with a dot in the colour of their stream. */
const BARE = ".lane .head { visibility: hidden !important; }";

/** The pixels that are wholly an element's as the screen shows them, without the labels that lie over lanes. */
export async function pixelsOf(locator) {
  const box = await locator.boundingBox();
  const [x, y] = [Math.ceil(box.x), Math.ceil(box.y)];
  const clip = { x, y, width: Math.floor(box.x + box.width) - x, height: Math.floor(box.y + box.height) - y };
  return PNG.sync.read(await locator.page().screenshot({ clip, style: BARE }));
}

/** Part of an image. */
export function part(image, x, y, width, height) {
  const cut = new PNG({ width, height });
  PNG.bitblt(image, cut, x, y, width, height, 0, 0);
  return cut;
}

/**
 * For each pixel column the first and last row with ink of the colour `series` on `ground`, or null where there is none.
 * Colours are `[red, green, blue]`.
 */
export function extents(image, series, ground) {
  return Array.from({ length: image.width }, (_, x) => {
    let first = -1;
    let last = -1;
    for (let y = 0; y < image.height; y += 1) {
      if (share(image, x, y, series, ground) < INK) continue;
      if (first < 0) first = y;
      last = y;
    }
    return first < 0 ? null : { first, last, height: last - first + 1 };
  });
}

/** What part of a pixel is `series` if it is a mixture with `ground`, else 0. */
export function share(image, x, y, series, ground) {
  const at = (y * image.width + x) * 4;
  const seen = [0, 1, 2].map((part) => image.data[at + part] - ground[part]);
  const full = [0, 1, 2].map((part) => series[part] - ground[part]);
  const dot = (a, b) => a.reduce((sum, value, part) => sum + value * b[part], 0);
  const alpha = dot(seen, full) / dot(full, full);
  const rest = seen.map((value, part) => value - alpha * full[part]);
  return Math.hypot(...rest) <= NEAR ? alpha : 0;
}

/** How many pixels differ by more than `tolerance` in any part, of two images of one size. */
export function difference(one, other, tolerance = 2) {
  if (one.width !== other.width || one.height !== other.height) return Infinity;
  let count = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((part) => Math.abs(one.data[at + part] - other.data[at + part]) > tolerance)) count += 1;
  }
  return count;
}
