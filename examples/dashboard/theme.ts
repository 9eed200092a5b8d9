// Colours, which canvases have to be told.

/** Of one brightness each, for light and for dark pages. */
const LIGHT = ["#1f6fd1", "#d1571f", "#12876a", "#9a3fb8", "#b0891a", "#c2355f", "#2e8fa8", "#6a6f1f"] as const;
const DARK = ["#7cb7ff", "#ff9c66", "#4ed1ab", "#d391ec", "#e3c04f", "#ff86a8", "#66cfe6", "#c3c96a"] as const;

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The colour of the stream in place `index`, with an opacity as two hexadecimal digits. */
export function colour(index: number, opacity = "ff"): string {
  const colours = dark.matches ? DARK : LIGHT;
  return `${colours[index % colours.length]}${opacity}`;
}

/** A colour of the style sheet. */
export function named(name: "text" | "quiet" | "line" | "card"): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls `redraw` when the system turns light or dark. */
export function onChange(redraw: () => void): void {
  dark.addEventListener("change", redraw);
}
