// The same data for all: made from a seed, so that every page has the very same numbers.

/** A generator of numbers in [0, 1): mulberry32. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * `count` streams of `length` windows: minimum, mean and maximum, in 0 to 1. The mean wanders, the band breathes, and now
 * and then a spike leaves it; two of them reach 0 and 1, so that every stream has the same scale.
 */
export function windows(count, length, seed) {
  return Array.from({ length: count }, (_, stream) => {
    const next = random(seed * 1000 + stream);
    const [min, mean, max] = [0, 1, 2].map(() => new Float64Array(length));
    let level = 0.5;
    for (let at = 0; at < length; at += 1) {
      level += (next() - 0.5) * 0.05 + (0.5 - level) * 0.01;
      const spread = 0.16 + 0.08 * Math.sin(at / 97 + stream) + 0.06 * next();
      const spike = next() < 0.01 ? next() * 0.3 : 0;
      mean[at] = Math.min(0.85, Math.max(0.15, level));
      min[at] = Math.max(0, mean[at] - spread * (0.5 + next()));
      max[at] = Math.min(1, mean[at] + spread * (0.5 + next()) + spike);
    }
    for (let at = 40; at < length; at += 400) [min[at], max[at + 3]] = [0, 1];
    return { min, mean, max };
  });
}

/** Three series of 55,550 points, as the benchmark of uPlot's authors draws: two that jitter, one of bursts. */
export function points(seed) {
  return Array.from({ length: 3 }, (_, stream) => {
    const next = random(seed * 1000 + stream);
    const values = new Float64Array(55_550);
    let level = 0.4;
    for (let at = 0; at < values.length; at += 1) {
      level += (next() - 0.5) * 0.02 + (0.4 - level) * 0.002;
      values[at] = stream === 2 ? next() ** 8 : Math.min(1, Math.max(0, level + (next() - 0.5) * 0.2 * (1 + stream)));
    }
    [values[100], values[200]] = [0, 1];
    return values;
  });
}

/** The colours of streams. */
export const COLOURS = ["#0c3292", "#be3955", "#4299b1", "#cd802c", "#7659c1", "#6f2c13"];
export const BAND_ALPHA = 0.22;
/** Room above and below the values of a lane, as a part of its height. */
export const MARGIN = 0.06;

/** Red, green and blue of a stream. */
export function rgb(stream) {
  const hex = Number.parseInt(COLOURS[stream % COLOURS.length].slice(1), 16);
  return [hex >> 16, (hex >> 8) & 255, hex & 255];
}

export const css = (stream) => COLOURS[stream % COLOURS.length];
export const paleCss = (stream) => `rgba(${rgb(stream).join(",")},${BAND_ALPHA})`;

/**
 * How a library with one plot shows lanes: each stream lifted to its own. Returns what to add to the values of each stream,
 * and the range of the value axis.
 */
export function lift({ layout, count }) {
  const height = 1 + 2 * MARGIN;
  const lanes = layout === "lanes" ? count : 1;
  return { of: (stream) => (layout === "lanes" ? (count - 1 - stream) * height : 0), low: -MARGIN, high: lanes * height - MARGIN };
}

/** `values` plus `by`, which most libraries want as a plain array. */
export const lifted = (values, by) => Array.from(values, (value) => value + by);
/** 0, 1, 2 … */
export const counting = (length) => Array.from({ length }, (_, at) => at);
