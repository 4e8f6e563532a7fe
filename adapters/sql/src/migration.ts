/** One step of the schema, written once for both databases. */

/** What the two databases call the same thing. */
export interface ColumnTypes {
  /** Compared byte by byte in both. */
  readonly text: string;
  /** Up to 2^53 − 1. */
  readonly integer: string;
  readonly bytes: string;
  /** Primary key that counts up by itself and never comes back. */
  readonly counter: string;
  /** After a table's closing parenthesis. */
  readonly strict: string;
  /** A text inside a column that holds JSON, null where it is not there. */
  readonly jsonText: (column: string, path: readonly [string, ...string[]]) => string;
}

export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  statements(types: ColumnTypes): readonly string[];
}
