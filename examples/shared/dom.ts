/** The element of `id`, which must be a `type`. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} with the id ${id}`);
}

/** A new element with text and attributes. */
export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text = "",
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A row of a table; numbers are set to the right by the style sheet. */
export function row(cells: readonly (string | HTMLElement)[]): HTMLTableRowElement {
  const row = made("tr");
  for (const cell of cells) {
    const data = made("td");
    data.append(cell);
    row.append(data);
  }
  return row;
}

/** What went wrong, as text for people. */
export function message(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
