// Errors: classes, codes, and what is left of them after JSON and structuredClone.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as btrdb from "btrdb-web";

import { ABSENT, fixture } from "./lib/fixture.js";

const shared = fixture();
const { BTrDBError, Cancelled, InvalidOperation, PermissionDenied, StreamNotFoundError, connect } = btrdb;

/** What `promise` is rejected with. */
const failure = (promise) => promise.then(() => assert.fail("no error"), (error) => error);

test("errors tell what and where by class and by code", async () => {
  const error = await failure(shared.connection.streamFromUuid(ABSENT).version());
  assert.ok(error instanceof StreamNotFoundError && error instanceof BTrDBError && error instanceof Error);
  assert.ok(!(error instanceof InvalidOperation));
  assert.deepEqual(
    { name: error.name, code: error.code, btrdbCode: error.btrdbCode, stream: error.stream, call: error.call },
    { name: "StreamNotFoundError", code: "STREAM_NOT_FOUND", btrdbCode: 404, stream: ABSENT, call: "StreamInfo" },
  );
  assert.equal(error.retryable, false);
  assert.match(error.message, new RegExp(ABSENT));
  assert.match(error.stack, /^StreamNotFoundError: /);
  assert.ok(new PermissionDenied("no") instanceof InvalidOperation);
});

test("errors survive JSON and structuredClone", async () => {
  const { connection } = shared;
  const errors = [
    await failure(connection.streamFromUuid(ABSENT).version()),
    await failure(connection.streamFromUuid(ABSENT).values()),
    await failure(connection.streamFromUuid(ABSENT).insert([[1n, 1]])),
    await failure(connect("127.0.0.1:1")),
    new btrdb.BadResponse("cut", { readSoFar: { rows: 5, lastTime: "1500000000000000001", bytes: 90 } }),
  ];
  for (const error of errors) {
    for (const again of [BTrDBError.from(JSON.parse(JSON.stringify(error))), BTrDBError.from(structuredClone(error))]) {
      assert.equal(again.constructor, error.constructor);
      assert.deepEqual(again.toJSON(), error.toJSON());
      assert.deepEqual(again.readSoFar, error.readSoFar);
    }
    assert.equal(BTrDBError.from(error), error);
  }
  assert.deepEqual(errors.at(-1).readSoFar, { rows: 5, lastTime: 1_500_000_000_000_000_001n, bytes: 90 });
  assert.deepEqual(errors[2].writtenSoFar, { points: 0, version: 0n });
});

test("an aborted call is told after a structuredClone too", async () => {
  const error = await failure(shared.connection.info({ signal: AbortSignal.abort("enough") }));
  const again = BTrDBError.from(structuredClone(error));
  assert.ok(again instanceof Cancelled);
  assert.deepEqual([again.code, again.cause], ["CANCELLED", "enough"]);
});

test("anything else becomes an error too", () => {
  const odd = BTrDBError.from(new TypeError("odd"));
  assert.deepEqual([odd.code, odd.message, odd.cause.name], ["OTHER", "odd", "TypeError"]);
  assert.equal(BTrDBError.from(undefined).code, "OTHER");
});

test("every class of the official client is there with its parent", () => {
  const parents = {
    BTrDBError: [],
    ConnectionError: [],
    StreamNotFoundError: [],
    CredentialsFileNotFound: [],
    ProfileNotFound: [],
    BTRDBServerError: [],
    BTRDBTypeError: [],
    InvalidOperation: [],
    StreamExists: ["InvalidOperation"],
    AmbiguousStream: ["InvalidOperation"],
    PermissionDenied: ["InvalidOperation"],
    BTRDBValueError: [],
    InvalidCollection: ["BTRDBValueError"],
    InvalidTagKey: ["BTRDBValueError"],
    InvalidTagValue: ["BTRDBValueError"],
    InvalidTimeRange: ["BTRDBValueError"],
    InvalidPointWidth: ["BTRDBValueError"],
    BadValue: ["BTRDBValueError"],
    RecycledUUID: ["BTRDBValueError"],
    BadSQLValue: ["BTRDBValueError"],
    VersionNotAvailable: ["BTRDBValueError"],
    NoSuchPoint: ["BTRDBValueError"],
  };
  assert.equal(Object.keys(parents).length, 22);
  const codes = new Set();
  for (const [name, [parent = "BTrDBError"]] of Object.entries(parents)) {
    const error = new btrdb[name]("text");
    assert.equal(error.name, name);
    assert.ok(error instanceof btrdb[parent] && error instanceof BTrDBError);
    codes.add(error.code);
  }
  assert.equal(codes.size, 22);
});

test("refusals of the server have their class", async () => {
  const { connection } = shared;
  const create = (...given) => failure(connection.create(crypto.randomUUID(), ...given));
  const taken = crypto.randomUUID();
  await connection.create(taken, "refused", { name: "x" });
  assert.equal((await failure(connection.create(taken, "refused", { name: "y" }))).code, "STREAM_EXISTS");
  assert.equal((await create("refused", { name: "x" })).code, "AMBIGUOUS_STREAM");
  assert.equal((await create("refused", { color: "red" })).code, "INVALID_TAG_KEY");
  const stream = connection.streamFromUuid(taken);
  assert.equal((await failure(stream.insert([[0n, Number.NaN]]))).code, "BAD_VALUE");
  assert.equal((await failure(stream.insert({ time: [0n, 1n], value: [0] }))).code, "INVALID_VALUE");
  assert.equal((await failure(stream.insert([["x"]]))).code, "INVALID_VALUE");
  assert.equal((await failure(stream.insert([[0n, "1"]]))).code, "INVALID_TYPE");
  await stream.obliterate();
  assert.equal((await failure(connection.create(taken, "refused", { name: "z" }))).code, "RECYCLED_UUID");
});

