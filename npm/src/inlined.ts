import encoded from "./btrdb_web_inline.js";

/** @internal The bytes of `btrdb_web_bg.wasm`, from the script that holds them. */
export function inlined(): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (fromBase64) return fromBase64.call(Uint8Array, encoded);
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}
