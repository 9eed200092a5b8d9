// The fields of an answer, by hand.

const STAT = 0x0a;
const BYTES = 4;

/**
 * Calls `take` with the place of each field of type bytes in `message`: its number, and where it begins and ends, until that
 * returns true.
 */
export function fields(message, take) {
  let at = 0;
  const varint = () => {
    let [value, shift] = [0, 1];
    for (;;) {
      const byte = message[at++];
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
      shift *= 128;
    }
  };
  while (at < message.length) {
    const tag = varint();
    if ((tag & 7) === 0) {
      varint();
      continue;
    }
    if ((tag & 7) !== 2) throw new Error(`no such field: ${tag}`);
    const end = varint() + at;
    if (tag === STAT) throw new Error("the answer is an error");
    if (take(tag >> 3, at, end)) return;
    at = end;
  }
}

/** The Arrow bytes of an answer. */
export function arrowBytes(message) {
  let found;
  fields(message, (field, start, end) => {
    if (field === BYTES) found = message.subarray(start, end);
    return found !== undefined;
  });
  return found;
}
