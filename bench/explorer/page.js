// The page as a whole: how it loads, and where its time goes.
import { link, open } from "../../tests/e2e/lib/explorer.js";
import { startProxy } from "../../tests/e2e/lib/proxy.js";
import { startServer } from "../../tests/e2e/lib/server.js";
import { summed } from "../../tests/e2e/lib/watch.js";
import { frame, streams, trailers } from "../../tests/e2e/lib/wire.js";

/** From a link to one stream to the first ink in the overview, in a page that is loaded and connected. */
export async function overview(browser, data, stream, { millis, screen, add }) {
  const server = await startServer({ data });
  const proxy = await startProxy(server.port, { millis });
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    const page = await open(browser, proxy.url, screen);
    await page.getByTestId("search").waitFor();
    await page.waitForTimeout(500);
    times.push(
      await page.evaluate(
        (uuid) =>
          new Promise((done) => {
            const begun = performance.now();
            location.hash = `#streams=${uuid}`;
            const look = () => {
              const canvas = document.querySelector("[data-testid=overview] canvas");
              const pixels = canvas?.width ? canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data : [];
              let inked = 0;
              for (let at = 3; at < pixels.length; at += 4) if (pixels[at] >= 50) inked += 1;
              const isAnswered = performance.getEntriesByType("resource").some(({ name }) => name.endsWith("AlignedWindows"));
              if (canvas && isAnswered && inked > canvas.width / 2) done(performance.now() - begun);
              else requestAnimationFrame(look);
            };
            look();
          }),
        stream,
      ),
    );
    await page.context().close();
  }
  add("overview of one stream, 50 ms away", "first_paint_ms", summed(times), { of: "p95", most: 500 });
  await proxy.stop();
  await server.stop();
}

/** From nothing to a page that can be used, over 10 Mbit/s, 20 ms away. */
export async function loading(browser, data, { add }) {
  const server = await startServer({ data });
  const times = [];
  let bytes = 0;
  for (let run = 0; run < 5; run += 1) {
    const proxy = await startProxy(server.port, { millis: 10, bytesPerMilli: 1_250 });
    const context = await browser.newContext();
    const page = await context.newPage();
    const begun = performance.now();
    await page.goto(proxy.url, { waitUntil: "commit" });
    await page.getByTestId("search").waitFor();
    times.push(performance.now() - begun);
    bytes = proxy.calls.filter(({ path }) => !path.includes("v5api")).reduce((sum, call) => sum + call.bytes, 0);
    await context.close();
    await proxy.stop();
  }
  add("the page, 10 Mbit/s, 20 ms away", "usable_shell_ms", summed(times), { of: "median", most: 1_000 });
  add("the page, 10 Mbit/s, 20 ms away", "bytes", { median: bytes }, { of: "median", most: 450_000 });
  await server.stop();
}

/** How long the page takes to show what a further letter finds, above a list of 100,000 streams. */
export async function typing(browser, data, { screen, add }) {
  const server = await startServer({ data });
  const page = await open(browser, undefined, screen);
  const kinds = [["frequency", "Hz"], ["rocof", "Hz/s"], ...["a", "b", "c"].flatMap((phase) => [[`voltage ${phase}`, "V"], [`current ${phase}`, "A"]])];
  const all = Array.from({ length: 100_000 }, (_, at) => {
    const [pmu, [name, unit]] = [Math.floor(at / 20), kinds[at % kinds.length]];
    const collection = `grid/region ${pmu % 40}/pmu ${pmu}`;
    return { uuid: at.toString(16).padStart(32, "0"), collection, name: `${name} ${at % 20}`, unit };
  });
  const answers = Array.from({ length: 100 }, (_, part) => frame(streams(all.slice(1_000 * part, 1_000 * (part + 1)))));
  const body = Buffer.concat([...answers, trailers()]);
  await page.route("**/v5api.BTrDB/LookupStreams", (route) => route.fulfill({ contentType: "application/grpc-web+proto", body }));
  await page.goto(server.url);
  await page.getByText("100 000").first().waitFor();
  const times = await page.evaluate(async (words) => {
    const field = document.querySelector("[data-testid=search]");
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const times = [];
    for (const word of words) {
      const typed = Array.from(word, (_, at) => word.slice(0, at + 1));
      for (const query of [...typed, ...typed.slice(0, -1).reverse(), ""]) {
        await painted();
        const begun = performance.now();
        field.value = query;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        await painted();
        times.push(performance.now() - begun);
      }
    }
    return times;
  }, ["voltage a region 7", "pmu 4321", "hz", "00000000-0000-0000-0000-00000001"]);
  add("typing above 100,000 streams", "key_to_picture_ms", summed(times), { of: "p95", most: 50 });
  await page.context().close();
  await server.stop();
}

/** What frames and answers take of the page's one thread while `act` goes on, by the browser's own account. */
export async function slices(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const categories = "toplevel,devtools.timeline";
  await session.send("Tracing.start", { categories, transferMode: "ReportEvents" });
  await act();
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await complete;
  // Time on the processor, whoever else is at work on this machine.
  const millis = (event) => event.tdur / 1e3;
  const frames = events.filter((event) => event.name === "FireAnimationFrame" && event.tdur);
  const [{ pid, tid }] = frames;
  const tasks = events.filter((event) => event.pid === pid && event.tid === tid && /RunTask$/.test(event.name) && event.tdur);
  const isOf = (task) => (event) => event.pid === pid && task.ts <= event.ts && event.ts < task.ts + task.dur;
  const marks = ["FireAnimationFrame", "EventDispatch", "Paint", "Layout", "MajorGC", "MinorGC", "Commit"];
  const others = events.filter((event) => event.tid === tid && marks.includes(event.name));
  const answers = tasks.filter((task) => !others.some(isOf(task)));
  // The probe of this benchmark asks for frames as well, but does next to nothing in them.
  return { frames: summed(frames.map(millis).filter((ms) => ms > 0.3)), answers: summed(answers.map(millis).filter((ms) => ms > 0.1)) };
}
