// Times, spans and widths, which ask no server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { currentlyAsNs, datetimeToNs, init, isoString, nsDelta, nsToDatetime, pointWidth, toNanoseconds, toPlotTime } from "btrdb-web";

/** Numbers of 64 bits, the same in every run. */
function randoms() {
  let seed = 1n;
  return () => (seed = BigInt.asUintN(64, seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n));
}

test("what needs the module says so before init", async () => {
  for (const early of [() => toNanoseconds("2017-01-01"), () => isoString(0n), () => nsDelta({ days: 1 })]) {
    assert.throws(early, { name: "NotInitialized", code: "NOT_INITIALIZED" });
  }
  assert.equal(toNanoseconds(5), 5n, "numbers need none");
  const [one, other] = [init(), init()];
  assert.equal(one, other);
  await one;
});

test("every documented format", () => {
  const noon = 1_483_315_445_000_000_000n;
  for (const text of ["2017-01-02 00:04:05", "2017-01-02T00:04:05Z", "2017-01-02 01:04:05.000000000+0100"]) {
    assert.equal(toNanoseconds(text), noon);
  }
  assert.equal(toNanoseconds("2017-01-02T00:04:05.123456789Z"), noon + 123_456_789n);
  assert.equal(toNanoseconds("-5"), -5n);
  assert.throws(() => toNanoseconds("soon"), { code: "INVALID_VALUE" });
});

test("there and back", () => {
  const time = -1n;
  assert.equal(nsToDatetime(time).toISOString(), "1969-12-31T23:59:59.999Z");
  assert.equal(isoString(time), "1969-12-31T23:59:59.999999999Z");
  assert.equal(toNanoseconds(isoString(time)), time);
  assert.equal(datetimeToNs(new Date(1_500_000_000_123)), 1_500_000_000_123_000_000n);
  assert.equal(toNanoseconds(new Date(7)), 7_000_000n);
  assert.throws(() => datetimeToNs(new Date(Number.NaN)), { code: "INVALID_VALUE" });
});

test("every time of 64 bits is exact, however it is given", () => {
  const [least, most] = [-(1n << 63n), (1n << 63n) - 1n];
  const times = [least, least + 1n, -1n, 0n, 1n, (1n << 53n) + 1n, most - 1n, most];
  for (const random = randoms(); times.length < 5_000; ) times.push(BigInt.asIntN(64, random()));
  for (const time of times) {
    for (const given of [time, `${time}`, isoString(time), { epochNanoseconds: time }]) assert.equal(toNanoseconds(given), time);
    const millis = nsToDatetime(time).getTime();
    const rest = time - BigInt(millis) * 1_000_000n;
    assert.ok(rest >= 0n && rest < 1_000_000n, `${time} is ${rest} ns after its Date`);
    if (time - rest >= least) assert.equal(toNanoseconds(new Date(millis)), time - rest);
  }
  for (const beyond of [least - 1n, most + 1n, `${most + 1n}`, { epochNanoseconds: least - 1n }]) {
    assert.throws(() => toNanoseconds(beyond), { code: "INVALID_VALUE" });
  }
});

test("units add up", () => {
  assert.equal(nsDelta({ days: 1, hours: -1, nanoseconds: -1 }), 82_799_999_999_999n);
  assert.equal(nsDelta({ hours: 0.5, microseconds: 1.5 }), 1_800_000_001_500n);
  assert.throws(() => nsDelta({ days: 200_000 }), { code: "INVALID_VALUE" });
});

test("now is now", () => {
  const now = BigInt(Date.now()) * 1_000_000n;
  assert.ok(currentlyAsNs() - now < 1_000_000_000n);
});

test("widths of everyday spans", () => {
  assert.equal(pointWidth.fromNanoseconds(1_000_000_000n), 29);
  assert.equal(pointWidth.toNanoseconds(30), 1_073_741_824n);
  assert.equal(pointWidth.describe(30), "1.07 seconds");
  assert.deepEqual(pointWidth.forAlignedWindows(3, 5, 24), { first: 0n, last: 16n, count: 3n });
  assert.throws(() => pointWidth.toNanoseconds(64), { code: "INVALID_POINT_WIDTH" });
});

test("times for plots are right to a nanosecond over a day, from any base", () => {
  const DAY = 86_400_000_000_000;
  const random = randoms();
  const NANOS = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };
  for (let round = 0; round < 200; round += 1) {
    const base = BigInt.asIntN(62, random());
    const away = Array.from({ length: 50 }, () => Number(random() % BigInt(2 * DAY)) - DAY).concat(-DAY, -1, 0, 1, DAY);
    const time = BigInt64Array.from([0n, ...away.map((nanos) => base + BigInt(nanos))]).subarray(1);
    for (const [unit, nanos] of Object.entries(NANOS)) {
      const plotted = toPlotTime(time, base, unit);
      away.forEach((exact, place) => assert.equal(Math.round(plotted[place] * nanos), exact, `${base} + ${exact} in ${unit}`));
    }
    assert.equal(toPlotTime(time)[1], (away[1] - away[0]) / 1e9);
  }
  const millis = toPlotTime(BigInt64Array.of(1_500_000_000_123_456_789n, -(2n ** 63n), 2n ** 63n - 1n), 0n, "ms");
  assert.ok(Math.abs(millis[0] - 1_500_000_000_123.4568) < 0.000_26);
  assert.deepEqual([...millis.slice(1)], [-(2 ** 63) / 1e6, 2 ** 63 / 1e6]);
  assert.deepEqual(toPlotTime(new BigInt64Array()), new Float64Array());
  assert.throws(() => toPlotTime(new BigInt64Array(1), 0n, "min"), { code: "INVALID_VALUE" });
});
