/** One of the messages by which a server says more of a failure: a `google.protobuf.Any`. */
export interface StatusDetail {
  /** Which message it is, such as `type.googleapis.com/google.rpc.RetryInfo`. */
  typeUrl: string;
  /** The message as its bytes. */
  value: Uint8Array<ArrayBuffer>;
}

/** The types of fields that have a length and need none. */
const [VARINT, EIGHT_BYTES, DELIMITED, FOUR_BYTES] = [0, 1, 2, 5];

/** @internal The details in a `google.rpc.Status`, which is in base64; none in what is no such thing. */
export function statusDetails(base64: string): StatusDetail[] {
  try {
    const status = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return [...fields(status, 3)].map((any) => {
      const [typeUrl = new Uint8Array()] = fields(any, 1);
      const [value = new Uint8Array()] = fields(any, 2);
      return { typeUrl: new TextDecoder().decode(typeUrl), value };
    });
  } catch {
    return [];
  }
}

/** The contents of the fields of this number, of those that are messages, text or bytes. */
function* fields(message: Uint8Array<ArrayBuffer>, wanted: number): Generator<Uint8Array<ArrayBuffer>> {
  let at = 0;
  const varint = () => {
    for (let [number, scale] = [0, 1]; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError();
      number += (byte % 128) * scale;
      if (byte < 128) return number;
    }
  };
  while (at < message.length) {
    const key = varint();
    const type = key % 8;
    if (type === VARINT) varint();
    else if (type === EIGHT_BYTES || type === FOUR_BYTES) at += type === EIGHT_BYTES ? 8 : 4;
    else if (type !== DELIMITED) throw new RangeError();
    else {
      const length = varint();
      if (at + length > message.length) throw new RangeError();
      if (Math.floor(key / 8) === wanted) yield message.slice(at, at + length);
      at += length;
    }
  }
}
