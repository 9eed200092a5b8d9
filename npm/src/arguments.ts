// What callers pass in, each checked before it counts: whatever has no length the module would take for text of any length,
// and fail in its midst.

import { BTRDBTypeError } from "./errors.js";

/** @internal Text given as the argument `name`. */
export function text(value: unknown, name: string): string {
  return typeof value === "string" ? value : refuse(value, name, "a string");
}

/** @internal Text that may be left out. */
export function optionalText(value: unknown, name: string): string | undefined {
  return isLeftOut(value) ? undefined : text(value, name);
}

/** @internal One text or several, in a list, each of which is called `name`. */
export function texts(value: unknown, name: string): string[] {
  const isList = typeof value === "object" && value !== null && Symbol.iterator in value;
  return (isList ? [...(value as Iterable<unknown>)] : [value]).map((one) => text(one, name));
}

/** @internal Values by their keys. A number or a `Map` would pass for an object that has none. */
export function fields<T>(value: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const isObject = typeof value === "object" && value !== null && !(Symbol.iterator in value);
  return isObject ? value : refuse(value, name, "an object");
}

/** @internal Values by their keys that may be left out. */
export function optionalFields<T>(value: Readonly<Record<string, T>> | undefined, name: string): Record<string, T> | undefined {
  return isLeftOut(value) ? undefined : fields(value, name);
}

/** @internal Bytes, of whichever window or context they come. */
export function bytes(value: unknown, name: string): Uint8Array {
  return kind(value) === "Uint8Array" ? (value as Uint8Array) : refuse(value, name, "a Uint8Array");
}

/** @internal Bytes that may be left out. */
export function optionalBytes(value: unknown, name: string): Uint8Array | undefined {
  return isLeftOut(value) ? undefined : bytes(value, name);
}

function isLeftOut(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function kind(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function refuse(value: unknown, name: string, what: string): never {
  throw new BTRDBTypeError(`${name}: ${what} is needed, not ${kind(value)}`);
}
