// The page: it finds the streams, gives their chunks to the pool and shows the scores as they come.
import { StreamSet, type TimeRange, connect, isoString } from "btrdb-web";

import { element, made, message, row } from "../shared/dom";
import { SERVER } from "../shared/server";
import { chunks, extent } from "./chunks";
import { Pool } from "./pool";
import { type Expectation, type Score, goodness } from "./score";
import { Strip } from "./strip";

const wishes = element("wishes", HTMLFormElement);
const button = element("score", HTMLButtonElement);
const said = element("said", HTMLParagraphElement);
const strip = element("strip", HTMLDivElement);
const scores = element("scores", HTMLTableSectionElement);

async function run(collection: string, expectation: Expectation): Promise<string> {
  scores.replaceChildren();
  strip.replaceChildren();
  const connection = await connect(SERVER);
  const streams = await connection.streamsInCollection(collection, { prefix: true });
  if (streams.length === 0) return "There is no such stream.";
  const range = await extent(new StreamSet(streams), expectation.rate);
  if (!range) return "The streams have no points.";

  const parts = chunks(range);
  const names = await Promise.all(streams.map(async (each) => `${await each.collection()}/${await each.name()}`));
  const picture = new Strip(strip, names, parts);
  const places = streams.flatMap((stream, place) => parts.map((part, chunk) => ({ stream, place, part, chunk })));
  const rows = places.map(() => scores.appendChild(made("tr")));
  const jobs = places.map(({ stream, part }) => ({ stream: stream.handle, range: part, expectation }));

  const begun = performance.now();
  const pool = new Pool();
  let points = 0;
  try {
    await pool.run(jobs, (job, score) => {
      const { place, part, chunk } = places[job] as (typeof places)[number];
      picture.show(place, chunk, goodness(score, part));
      rows[job]?.replaceWith(told(names[place] ?? "", part, score));
      points += score.points;
    });
  } finally {
    pool.close();
  }
  const took = (performance.now() - begun) / 1000;
  return `${points.toLocaleString("en")} points in ${jobs.length} chunks, scored in ${took.toFixed(1)} s.`;
}

function told(name: string, { start }: TimeRange, score: Score): HTMLTableRowElement {
  const told = row([
    name,
    isoString(start).slice(0, 16),
    score.points.toLocaleString("en"),
    `${(score.share * 100).toFixed(2)} %`,
    String(score.flatMinutes),
    score.outOfRange.toLocaleString("en"),
    String(score.gaps),
    `${(Number(score.longestGap) / 1e9).toFixed(2)} s`,
  ]);
  // For programs that read the page; a bigint is text to JSON.
  told.dataset["score"] = JSON.stringify(score, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
  return told;
}

wishes.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(wishes);
  const number = (name: string, otherwise: number) => (form.get(name) ? Number(form.get(name)) : otherwise);
  const expectation = { rate: number("rate", 1), low: number("low", -Infinity), high: number("high", Infinity) };
  button.disabled = true;
  said.textContent = "Scoring …";
  try {
    said.textContent = await run(String(form.get("collection")), expectation);
  } catch (failure) {
    said.textContent = message(failure);
  } finally {
    button.disabled = false;
  }
});
