/**
 * Canonical JSON for what is committed to: RFC 8785 (JCS) restricted to null, booleans, strings, integers up to
 * ±(2^53 − 1), arrays and objects. Fractions are left out because no readable event needs one. There is exactly
 * one text of a value, and the parser accepts only that text, so duplicate keys cannot hide a second meaning.
 */
import { type Bytes, utf8Bytes } from "@safeconduct/foundation";

export type JsonValue = null | boolean | string | number | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Containers inside containers, at most. */
export const JSON_DEPTH_LIMIT = 16;

/** The one text of `value`. Throws RangeError for a fraction, an unsafe integer, a lone surrogate or too much depth. */
export function canonicalJson(value: JsonValue): string {
  return textOf(value, 0);
}

export function canonicalJsonBytes(value: JsonValue): Bytes {
  return utf8Bytes(canonicalJson(value));
}

/** The value of attacker-controlled `text` if it is the canonical text of one, else null. */
export function parseCanonicalJson(text: string): JsonValue | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: JsonValue, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return integerText(value);
  if (typeof value === "string") return stringText(value);
  if (depth >= JSON_DEPTH_LIMIT) throw new RangeError("JSON nested too deeply");
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => textOf(item, depth + 1)).join(",")}]`;
  const object = value as JsonObject;
  // The default order compares UTF-16 code units, as RFC 8785 §3.2.3 demands.
  const members = Object.keys(object)
    .sort()
    .map((key) => `${stringText(key)}:${textOf(object[key] as JsonValue, depth + 1)}`);
  return `{${members.join(",")}}`;
}

function integerText(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError("only integers up to 2^53 − 1 have a canonical text here");
  return value.toString();
}

/** RFC 8785 §3.2.2.2 is what JSON.stringify does for well-formed strings. */
function stringText(value: string): string {
  if (!value.isWellFormed()) throw new RangeError("string is not well-formed Unicode");
  return JSON.stringify(value);
}
