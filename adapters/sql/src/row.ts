/** From a record to its row, with the one check that both databases need to keep the same values. */
import type { Row } from "./schema.ts";

/**
 * The row of a record or of a change to one; fields that are absent stay absent.
 * Throws RangeError for what one of the databases would refuse or change in silence: PostgreSQL has no NUL in text,
 * encoders turn lone surrogates into U+FFFD, SQLite takes NaN for null and a fraction for an error.
 */
export function row<Fields extends object>(fields: Fields): Row<Fields> {
  const columns: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!isStorable(value)) throw new RangeError(`${name} cannot be stored as it is`);
    columns[columnName(name)] = value;
  }
  return columns as Row<Fields>;
}

function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\0") && value.isWellFormed();
  if (typeof value === "number") return Number.isSafeInteger(value);
  return value === null || value instanceof Uint8Array;
}

function columnName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
