// The server goes away while the page is open, and comes back.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./lib/browser.js";
import * as explorer from "./lib/explorer.js";
import { extents, pixelsOf } from "./lib/pixels.js";
import { startProxy } from "./lib/proxy.js";
import { startServer } from "./lib/server.js";

const { DAY, MINUTE, QUAKE, STREAMS, lane, link, series, settled, until, view } = explorer;

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

async function coverage(page) {
  const { series: ink, ground } = await explorer.colours(page, "uv05");
  const columns = extents(await pixelsOf(series(page, "uv05")), ink, ground);
  return columns.filter(Boolean).length / columns.length;
}

test("a page whose server is killed says so, keeps what it has, and heals by itself", async () => {
  let server = await startServer();
  const page = await explorer.open(browser, link(server, [STREAMS.uv05], DAY));
  await settled(page);
  assert.equal(await page.getByTestId("offline").count(), 0);

  await server.stop("SIGKILL");
  const box = await series(page, "uv05").boundingBox();
  await page.mouse.move(box.x + (await explorer.xOf(page, "uv05", QUAKE)), box.y + box.height / 2);
  await until(
    page,
    async () => {
      await page.mouse.wheel(0, -200);
      return view(page);
    },
    ({ start, end }) => end - start < 30n * MINUTE,
  );
  const banner = page.getByTestId("offline");
  await banner.waitFor();
  assert.match(await banner.innerText(), /No connection to the server/);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "server-gone.png") });
  assert.ok((await coverage(page)) > 0.95, "what was loaded stands in for what cannot be");
  const coarse = await lane(page, "uv05").getAttribute("data-resolution");
  assert.match(coarse, /^2\^/);

  server = await startServer({ port: server.port });
  await banner.waitFor({ state: "detached" });
  await until(page, () => lane(page, "uv05").getAttribute("data-resolution"), (now) => now !== coarse);
  await settled(page);
  const fine = await lane(page, "uv05").getAttribute("data-resolution");
  assert.ok(Number(fine.slice(2)) < Number(coarse.slice(2)), `from ${coarse} to ${fine}`);
  await explorer.close(page);
  await server.stop();
});

test("a line that is cut in the middle of a pan leaves what is there, is said, and mends", async () => {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  const range = { start: QUAKE - 10n * MINUTE, end: QUAKE };
  const page = await explorer.open(browser, link(proxy, [STREAMS.uv05], range));
  await settled(page);
  const box = await series(page, "uv05").boundingBox();
  const [top, left, right] = [box.y + box.height / 2, box.x + box.width * 0.1, box.x + box.width * 0.9];
  const banner = page.getByTestId("offline");
  for (let drag = 0; !(await banner.isVisible()); drag += 1) {
    assert.ok(drag < 10, "the banner is there after a few drags");
    await page.mouse.move(right, top);
    await page.mouse.down();
    for (let step = 1; step <= 20; step += 1) {
      await page.mouse.move(right - ((right - left) * step) / 20, top);
      if (drag === 1 && step === 10) proxy.cutAll();
    }
    await page.mouse.up();
  }
  assert.ok((await coverage(page)) > 0.95, "everything on screen is drawn from what is at hand");
  // Who is gone is not stormed: one search a second later, the next after twice as long.
  const before = proxy.refused.length;
  await until(page, () => proxy.refused.length, (count) => count > before + 1);
  const [first, second] = proxy.refused.slice(before);
  assert.ok(second - first > 500, `the next search came after ${Math.round(second - first)} ms`);
  proxy.mend();
  await banner.waitFor({ state: "detached" });
  await settled(page);
  assert.match(await lane(page, "uv05").getAttribute("data-resolution"), /^2\^/);
  await explorer.close(page);
  await proxy.stop();
  await server.stop();
});

test("a page opened while the server is away asks where it is, and connects when told to", async () => {
  let server = await startServer();
  const page = await explorer.open(browser, server.url);
  await settled(page, 3);
  // The page comes from the browser's own memory; only the service is gone.
  await page.route("**/v5api.BTrDB/*", (route) => route.abort("connectionrefused"));
  await page.reload();
  const problem = page.getByTestId("connect-problem");
  await problem.waitFor();
  assert.match(await problem.innerText(), /^No connection: .+\.$/);
  await page.screenshot({ path: join(process.env.SCREENSHOTS, "no-server.png") });
  await page.unroute("**/v5api.BTrDB/*");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await settled(page, 3);
  await explorer.close(page);
  await server.stop();
});
