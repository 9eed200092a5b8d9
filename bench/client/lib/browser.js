// A contender in a browser of its own, with a debugger that tells what it takes.
import { launch } from "../../../tests/e2e/lib/browser.js";

const MEGABYTE = 1e6;

/**
 * Reads windows once cold and `warm` times more, and then points as often, and gives what was measured: a list of runs,
 * each with `kind`, `isCold`, `ms`, `cpu`, `gap`, `blocked`, `heap`, and `found`, what came of it.
 */
export async function measure(contender, { url, config, warm }) {
  const browser = await launch(["--enable-precise-memory-info"]);
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await evaluate(session, `import("/scripts/measure.js").then((measure) => { globalThis.measure = measure; })`);

    const runs = [];
    const one = async (kind, isCold) => {
      await session.send("HeapProfiler.collectGarbage");
      const first = { script: `/scripts/${contender.script}.js`, config };
      const call = `measure.run("${kind}"${isCold ? `, ${JSON.stringify(first)}` : ""})`;
      const cpuBefore = await cpu(session);
      const timed = await evaluate(session, call);
      const cpuMs = (await cpu(session)) - cpuBefore;
      const { blocked, found } = await evaluate(session, `measure.outcome("${kind}")`);
      const { ms, gap, heap } = timed;
      runs.push({ kind, isCold, ms, cpu: cpuMs, gap, blocked, heap: heap / MEGABYTE, found });
    };
    await one("windows", true);
    for (let run = 0; run < warm; run += 1) await one("windows", false);
    for (let run = 0; run < warm; run += 1) await one("points", false);
    return runs;
  } finally {
    await browser.close();
  }
}

/** Reads `rounds` times what has no end and gives each read up, and as often with a deadline: what `page/leaving.js` says. */
export async function leave(contender, { url, config, rounds }) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const session = await page.context().newCDPSession(page);
    const entry = JSON.stringify({ script: `/scripts/${contender.script}.js`, config });
    return await evaluate(session, `import("/scripts/leaving.js").then(({ leave }) => leave(${entry}, ${rounds}))`);
  } finally {
    await browser.close();
  }
}

async function evaluate(session, expression) {
  const wish = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", wish);
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** What the page's main thread has computed so far, in milliseconds. */
async function cpu(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ThreadTime").value * 1e3;
}
