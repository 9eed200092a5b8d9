import { optionalFields } from "./arguments.js";

/** The value of an annotation: text, or anything that JSON can say. */
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
  return given && Object.fromEntries(Object.entries(given).map(([key, value]) => [key, text(value)]));
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

function text(value: AnnotationValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return value.toString();
  // Integers of any length are JSON, if not what JSON.stringify takes.
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? Number(part) : part));
}
