// gRPC-web and its messages, as bytes: enough of both to answer the client, rightly or wrongly.

/** A frame: `flags` (1 compressed, 128 trailers), the length, the content; `length` lies about the length. */
export function frame(content, { flags = 0, length = content.length } = {}) {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, content]);
}

/** The frame that ends an answer. */
export function trailers(lines = "grpc-status: 0\r\n", flags = 128) {
  return frame(Buffer.from(lines), { flags });
}

function varint(number) {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

const integer = (field, number) => Buffer.concat([varint(field * 8), varint(number)]);
const nested = (field, content) => Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);

/** `google.rpc.Status` in base64, with `details`: of each the type and the bytes of a message. */
export function status(details) {
  const any = ([type, bytes]) => nested(3, Buffer.concat([nested(1, Buffer.from(type)), nested(2, Buffer.from(bytes))]));
  return Buffer.concat([integer(1, 5), nested(2, Buffer.from("gone")), ...details.map(any)]).toString("base64");
}

/** `InfoResponse` of a server of the time before Arrow. */
export function info() {
  return Buffer.concat([integer(3, 5), integer(4, 29)]);
}

/** `RawValuesResponse` of a point of value 1 at each of `times`. */
export function points(times) {
  const values = times.map((time) => {
    const point = Buffer.alloc(18);
    point.writeUInt8(9, 0);
    point.writeBigInt64LE(BigInt(time), 1);
    point.writeUInt8(17, 9);
    point.writeDoubleLE(1, 10);
    return nested(4, point);
  });
  return Buffer.concat([integer(2, 12), ...values]);
}

/** `LookupStreamsResponse` of `streams`: of each its uuid as hexadecimal digits, its collection, its name and its unit. */
export function streams(streams) {
  const text = (field, content) => nested(field, Buffer.from(content));
  const tag = (key, value) => nested(3, Buffer.concat([text(1, key), nested(2, text(1, value))]));
  const results = streams.map(({ uuid, collection, name, unit }) =>
    nested(2, Buffer.concat([nested(1, Buffer.from(uuid, "hex")), text(2, collection), tag("name", name), tag("unit", unit)])),
  );
  return Buffer.concat(results);
}
