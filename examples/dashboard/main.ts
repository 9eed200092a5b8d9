// The page: what is chosen is read and drawn, and drawn again when something changes.
import { type Connection, type Stream, StreamSet, connect, isoString } from "btrdb-web";

import { element, made, message } from "../shared/dom";
import { SERVER } from "../shared/server";
import { drawLines } from "./lines";
import { drawOften } from "./often";
import { type Picture, read } from "./read";
import { showSummary } from "./summary";
import { onChange } from "./theme";

/** How often a live dashboard asks whether there is something new, in milliseconds. */
const REFRESH = 1000;

const wishes = element("wishes", HTMLFormElement);
const said = element("said", HTMLParagraphElement);
const choices = element("streams", HTMLFieldSetElement);
const lines = element("lines", HTMLDivElement);

let streams: Stream[] = [];
let reading = new AbortController();
let shown: { picture: Picture; versions: Map<string, bigint> } | undefined;

function chosen(): Stream[] {
  const uuids = new FormData(wishes).getAll("stream");
  return streams.filter(({ uuid }) => uuids.includes(uuid));
}

/** A choice of seconds as nanoseconds. */
function nanos(name: string): bigint | undefined {
  const seconds = new FormData(wishes).get(name);
  return seconds ? BigInt(Math.round(Number(seconds) * 1e9)) : undefined;
}

/** Reads and draws. Whatever was being read before is no longer wanted, and the server need not go on with it. */
async function refresh(): Promise<void> {
  reading.abort();
  const { signal } = (reading = new AbortController());
  try {
    const wanted = chosen();
    const versions = wanted.length > 0 ? await new StreamSet(wanted).versions({ signal }) : new Map<string, bigint>();
    const wish = { streams: wanted, span: nanos("range"), width: nanos("width"), fits: lines.clientWidth };
    const picture = await read(wish, signal);
    signal.throwIfAborted();
    shown = picture && { picture, versions };
    await draw();
  } catch (failure) {
    if (!signal.aborted) said.textContent = message(failure);
  }
}

async function draw(): Promise<void> {
  if (!shown) {
    said.textContent = "Choose streams that have points.";
    return;
  }
  const { picture } = shown;
  drawLines(lines, picture);
  showSummary(element("summary", HTMLTableSectionElement), picture);
  await drawOften(element("often", HTMLDivElement), picture);
  const { start, end } = picture.range;
  const seconds = Number((Number(picture.width) / 1e9).toPrecision(3));
  said.textContent = `From ${toTheSecond(start)} to ${toTheSecond(end)} UTC, windows of ${seconds} s`;
}

/** A time in words, for people: what is finer than a second does not show in a picture of minutes. */
function toTheSecond(time: bigint): string {
  return isoString(time).slice(0, 19).replace("T", " ");
}

/** Shows what streams the chosen collection has; the first few are drawn at once. */
async function showCollection(connection: Connection): Promise<void> {
  const collection = String(new FormData(wishes).get("collection"));
  streams = await connection.streamsInCollection(collection);
  const boxes = streams.map(async (stream, index) => {
    const label = made("label");
    const box = made("input", "", { type: "checkbox", name: "stream", value: stream.uuid });
    box.checked = index < 2;
    label.append(box, await stream.name());
    return label;
  });
  choices.replaceChildren(...(await Promise.all(boxes)));
  await refresh();
}

/** Looks again and again whether any stream has a new version: that costs little, and a read only what has changed. */
async function follow(): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, REFRESH));
    if (!new FormData(wishes).has("live") || !shown) continue;
    try {
      const versions = await new StreamSet(chosen()).versions({ timeoutMs: 5 * REFRESH });
      if ([...versions].some(([uuid, version]) => shown?.versions.get(uuid) !== version)) await refresh();
    } catch (failure) {
      said.textContent = `${message(failure)}. Trying again …`;
    }
  }
}

try {
  const connection = await connect(SERVER);
  const collections = await connection.listCollections();
  const select = wishes.elements.namedItem("collection") as HTMLSelectElement;
  select.append(...collections.sort().map((name) => new Option(name)));
  await showCollection(connection);
  wishes.addEventListener("change", ({ target }) => void (target === select ? showCollection(connection) : refresh()));
  new ResizeObserver(() => void draw()).observe(lines);
  onChange(() => void draw());
  await follow();
} catch (failure) {
  said.textContent = message(failure);
}
