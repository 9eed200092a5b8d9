import { optionalFields } from "./arguments.js";

/** The value of an annotation: text, or anything that JSON can say. A `bigint` is written as the integer that it is. */
export type AnnotationValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly AnnotationValue[]
  | { readonly [key: string]: AnnotationValue };

/** @internal Annotations as they are stored: text as it is, anything else as JSON. */
export function encoded(
  annotations: Readonly<Record<string, AnnotationValue>> | undefined,
): Record<string, string> | undefined {
  const given = optionalFields(annotations, "annotations");
  return given && Object.fromEntries(Object.entries(given).map(([key, value]) => [key, stored(value)]));
}

/** @internal What stored annotations stand for: what they say as JSON, or else the text. */
export function decoded(annotations: Record<string, string>): Record<string, AnnotationValue> {
  const value = (text: string): AnnotationValue => {
    try {
      return JSON.parse(text) as AnnotationValue;
    } catch {
      return text;
    }
  };
  return Object.fromEntries(Object.entries(annotations).map(([key, text]) => [key, value(text)]));
}

function stored(value: AnnotationValue): string {
  return typeof value === "string" ? value : json(value);
}

/** `value` as JSON with all digits of its integers, which `JSON.stringify` does not write. */
function json(value: AnnotationValue): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || "toJSON" in value) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, (part: AnnotationValue) => json(part) ?? "null").join()}]`;
  const fields = Object.entries(value).map(([key, part]) => [JSON.stringify(key), json(part)]);
  // What is undefined is left out.
  return `{${fields.filter(([, part]) => part).map((field) => field.join(":")).join()}}`;
}
