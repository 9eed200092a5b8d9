// The heat strip: a row for each stream, a cell for each chunk, from red to green.
import { type TimeRange, isoString } from "btrdb-web";

import { made } from "../shared/dom";

export class Strip {
  readonly #cells: HTMLElement[][];

  constructor(place: HTMLElement, names: readonly string[], chunks: readonly TimeRange[]) {
    const grid = made("div", "", { class: "strip" });
    this.#cells = names.map((name) => {
      const cells = chunks.map(({ start }) => made("div", "", { class: "cell", title: isoString(start) }));
      const row = made("div", "", { class: "cells" });
      row.append(...cells);
      grid.append(made("span", name), row);
      return cells;
    });
    place.replaceChildren(grid);
  }

  /** Colours a cell: 1 is good, 0 is bad. */
  show(stream: number, chunk: number, good: number): void {
    const cell = this.#cells[stream]?.[chunk];
    if (!cell) return;
    cell.style.setProperty("--good", String(good));
    cell.dataset["good"] = good.toFixed(3);
    cell.textContent = `${Math.floor(good * 100)} %`;
  }
}
