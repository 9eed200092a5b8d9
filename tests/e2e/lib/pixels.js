// Reading what was really drawn.
import { PNG } from "pngjs";

/** The pixels of an element as the screen shows them, at one device pixel per CSS pixel unless the page is scaled. */
export async function pixelsOf(locator) {
  return PNG.sync.read(await locator.screenshot({ animations: "disabled", caret: "hide" }));
}

/** Whether the pixel at column x and row y is within `tolerance` of `[red, green, blue]` in each part. */
function isNear(image, x, y, colour, tolerance) {
  const at = (y * image.width + x) * 4;
  return colour.every((part, index) => Math.abs(image.data[at + index] - part) <= tolerance);
}

/**
 * For each pixel column the first and last row that `matches`, or null where none does.
 */
export function extents(image, matches) {
  return Array.from({ length: image.width }, (_, x) => {
    let first = -1;
    let last = -1;
    for (let y = 0; y < image.height; y += 1) {
      if (!matches(x, y)) continue;
      if (first < 0) first = y;
      last = y;
    }
    return first < 0 ? null : { first, last, height: last - first + 1 };
  });
}

export function near(image, colour, tolerance = 40) {
  return (x, y) => isNear(image, x, y, colour, tolerance);
}

/** How many pixels differ by more than `tolerance` in any part, of two images of one size. */
export function difference(one, other, tolerance = 8) {
  if (one.width !== other.width || one.height !== other.height) return Infinity;
  let count = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    if ([0, 1, 2].some((part) => Math.abs(one.data[at + part] - other.data[at + part]) > tolerance)) count += 1;
  }
  return count;
}
