// What is on screen, frame by frame, as the page itself sees it.

/**
 * Notes in every frame what the first lane shows; with `holes` also how many of its columns are bare of its stream, and how
 * many of these are not loaded. Runs in the page.
 */
export function watch({ holes }) {
  const lane = document.querySelector("[data-testid=lane]");
  const plot = document.querySelector("[data-testid=plot]");
  const canvas = lane.querySelector("canvas.series");
  // The hatch of what is not loaded is fainter than the faintest ink of a stream, its band, and recurs every few rows.
  const [inkFrom, hatchRows] = [50, 3];
  const looked = () => {
    const { width, height } = canvas;
    const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const count = { bare: 0, unloaded: 0 };
    for (let x = 0; x < width; x += 1) {
      let [ink, hatch] = [false, 0];
      for (let y = 0; y < height && !ink; y += 1) {
        const alpha = pixels[(y * width + x) * 4 + 3];
        ink ||= alpha >= inkFrom;
        if (alpha > 0) hatch += 1;
      }
      if (!ink) count.bare += 1;
      if (!ink && hatch >= hatchRows) count.unloaded += 1;
    }
    return count;
  };
  const seen = { frames: [], turns: [], width: canvas.width };
  window.seen = seen;
  addEventListener("wheel", () => seen.turns.push(performance.now()), { capture: true, passive: true });
  const look = (at) => {
    if (window.seen !== seen) return;
    const { viewStart, viewEnd } = plot.dataset;
    const { resolution, loading } = lane.dataset;
    seen.frames.push({ at, now: performance.now(), viewStart, viewEnd, resolution, loading, ...(holes && looked()) });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** What [watch] has seen. */
export function seen(page) {
  return page.evaluate(() => window.seen);
}

/** How many pixels the view has moved altogether, either way. */
export function travelled({ frames, width }) {
  const starts = frames.map(({ viewStart }) => BigInt(viewStart));
  const moved = starts.slice(1).reduce((sum, start, at) => sum + Math.abs(Number(start - starts[at])), 0);
  return (moved / Number(BigInt(frames[0].viewEnd) - starts[0])) * width;
}

/** How many pixels wide a drag is: a hand's breadth, and narrower than any plot here. */
const SWEEP = 900;

/** Drags the plot in `box` to and fro for `seconds` at 1,000 CSS pixels a second, as a hand with a mouse does it. */
export async function drag(page, box, seconds) {
  const [left, y] = [box.x + (box.width - SWEEP) / 2, box.y + box.height / 2];
  const sweeps = Math.round((seconds * 1_000) / SWEEP);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const [from, way] = sweep % 2 ? [left, 1] : [left + SWEEP, -1];
    await page.mouse.move(from, y);
    await page.mouse.down();
    const begun = performance.now();
    for (let went = 0; went < SWEEP; ) {
      await page.waitForTimeout(8);
      went = Math.min(performance.now() - begun, SWEEP);
      await page.mouse.move(from + way * went, y);
    }
    await page.mouse.up();
  }
}

const STORED = [8, 14, 20, 26, 32, 38, 44, 50, 56];

/** Whether a frame shows true data, at least as fine as the cheapest answer, and whether it is as fine as can be. */
export function judge({ viewStart, viewEnd, resolution }, width) {
  if (resolution === "raw") return { isTrue: true, isExact: true };
  if (!resolution?.startsWith("2^")) return { isTrue: false, isExact: false };
  const exponent = Number(resolution.slice(2));
  const wanted = Math.max(0, Math.floor(Math.log2(Number(BigInt(viewEnd) - BigInt(viewStart)) / width)));
  return { isTrue: exponent <= STORED.find((stored) => stored > wanted), isExact: exponent <= wanted };
}

/** The median and the 95th percentile of some numbers, and how many there are. */
export function summed(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)] ?? null;
  return { median: at(0.5), p95: at(0.95), most: at(1), runs: sorted.length };
}
