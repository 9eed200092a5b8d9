// From runs to rows, a table and the goals.

const FORMS = { messages: "messages", arrow: "Arrow" };
/** What is told of the runs of a kind: its name, how it is called in the table, which runs, which of their figures. */
const METRICS = [
  ["cold_ms", "cold ms", "windows", true, "ms"],
  ["warm_ms", "warm ms", "windows", false, "ms"],
  ["main_thread_ms", "CPU ms", "windows", false, "cpu"],
  ["blocked_ms", "TBT ms", "windows", false, "blocked"],
  ["longest_gap_ms", "gap ms", "windows", false, "gap"],
  ["peak_heap_mb", "heap MB", "windows", true, "heap"],
  ["peak_rss_mb", "RSS MB", "windows", true, "rss"],
  ["warm_ms", "points ms", "points", false, "ms"],
  ["main_thread_ms", "CPU ms", "points", false, "cpu"],
];

/** How long a server may work on for a reader that has given up, and how late deadlines may be: in milliseconds, at most. */
const LATEST = { server_works_on_ms: 100, deadline_late_ms: 50 };

const WORKER = "btrdb-web, worker mode";
const LABELS = 44;
const WIDTH = 15;

/** Prints a line for each contender and returns a row for each of its figures. */
export function rowsOf(measured, rows) {
  const all = [];
  console.log(`\n${rows.toLocaleString("en")} windows, then as many points: medians (least)`);
  for (const form of Object.keys(FORMS)) {
    console.log(`\n${`as ${FORMS[form]}`.padEnd(LABELS)}${METRICS.map(([, label]) => label.padStart(WIDTH)).join("")}`);
    for (const { contender, runs } of measured.filter(({ contender }) => contender.form === form)) {
      const cells = METRICS.map(([metric, , kind, isCold, figure]) => {
        const values = runs.filter((run) => run.kind === kind && run.isCold === isCold && figure in run).map((run) => run[figure]);
        const [middle, min] = [median(values), Math.min(...values)];
        const { who, version } = contender;
        const what = `${rows} ${kind} as ${FORMS[form]}`;
        all.push({ case: what, metric, who, version, median: middle, min, runs: values.length });
        return `${shown(middle)} (${shown(min)})`.padStart(WIDTH);
      });
      console.log(contender.who.padEnd(LABELS) + cells.join(""));
    }
  }
  return all;
}

/** Prints what was aimed at and what came of it, and returns a row for each goal. */
export function goalsOf(rows) {
  const of = (form, who, metric, kind = "windows") => {
    const found = rows.find((row) => {
      return row.case.endsWith(` ${kind} as ${FORMS[form]}`) && row.who === who && row.metric === metric;
    });
    return found?.median;
  };
  const least = (form, metric, others, kind) => Math.min(...others.map((who) => of(form, who, metric, kind)));
  const ratio = (form, metric, others, kind) => of(form, "btrdb-web", metric, kind) / least(form, metric, others, kind);
  /** Of the time, and beside it of what the main thread computed: that moves less when the machine has other work. */
  const ratios = (form, others, kind) => ["warm_ms", "main_thread_ms"].map((metric) => ratio(form, metric, others, kind));
  const [hand, connect] = ["columns by hand", "connect-web + protobuf-es"];
  const rests = rows.filter(({ who }) => !/^btrdb-web|^floor/.test(who));
  const peers = (form) => [...new Set(rests.filter((row) => row.case.endsWith(FORMS[form])).map(({ who }) => who))];
  const goals = [
    ...["windows", "points"].flatMap((kind) => [
      [`${kind} as messages: time, of columns by hand`, ...ratios("messages", [hand], kind), 1],
      [`${kind} as messages: time, of connect-web`, ...ratios("messages", [connect], kind), 0.35],
      [`${kind} as Arrow: time, of the fastest reader`, ...ratios("arrow", peers("arrow"), kind), 1],
    ]),
    ...Object.keys(FORMS).flatMap((form) => [
      [`windows as ${FORMS[form]}: peak RSS, of the least`, ratio(form, "peak_rss_mb", peers(form)), undefined, 1],
      [`worker mode, ${FORMS[form]}: main thread, ms`, of(form, WORKER, "main_thread_ms"), undefined, 25],
      [`worker mode, ${FORMS[form]}: longest gap, ms`, of(form, WORKER, "longest_gap_ms"), undefined, 16],
      [`worker mode, ${FORMS[form]}: peak RSS, MB`, of(form, WORKER, "peak_rss_mb"), undefined, 120],
      [`windows as ${FORMS[form]}: warm, ms`, of(form, "btrdb-web", "warm_ms"), undefined, 220],
      [`windows as ${FORMS[form]}: with its loading, ms`, of(form, "btrdb-web", "cold_ms"), undefined, 400],
    ]),
    ...rows
      .filter(({ metric, who }) => metric in LATEST && who.startsWith("btrdb-web"))
      .map(({ metric, who, max }) => [`${who}: ${metric.replaceAll("_", " ")}, most`, max, undefined, LATEST[metric]]),
  ];
  console.log("\ngoals, as ratios of medians unless a unit is given; in brackets the ratio of what the main threads computed");
  return goals
    .filter(([, found]) => found !== undefined)
    .map(([metric, found, mainThread, most]) => {
      const holds = found <= most;
      const beside = mainThread === undefined ? "" : ` (${mainThread.toFixed(2)})`;
      console.log(`${holds ? "pass" : "FAIL"}  ${metric.padEnd(48)} ${found.toFixed(2)}${beside}, at most ${most}`);
      return { case: "goal", metric, who: "btrdb-web", median: found, mainThread, most, holds };
    });
}

/** Who read something else than the others, and what: nothing such a one did counts. */
export function disagreements(measured) {
  const seen = new Map();
  const wrong = [];
  for (const { contender, runs } of measured) {
    for (const { kind, found } of runs.filter((run) => "found" in run)) {
      const what = contender.isFloor ? `${contender.who} ${contender.form} ${kind}` : kind;
      if (!seen.has(what)) seen.set(what, found);
      else if (seen.get(what) !== found) wrong.push(`${contender.who} (${contender.form}): ${found}, not ${seen.get(what)}`);
    }
  }
  return [...new Set(wrong)];
}

/** The middle of some figures. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function shown(figure) {
  return Math.abs(figure) < 10 ? figure.toFixed(1) : figure.toFixed(0);
}
