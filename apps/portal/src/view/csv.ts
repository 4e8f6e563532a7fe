/**
 * Comma-separated values (RFC 4180) with the separators that programs use in other countries. What an attacker writes is shown
 * as it stands: a cell that a spreadsheet would take for a formula is text here.
 */
import { seenText } from "./text.ts";

export const ROW_LIMIT = 10_000;
export const COLUMN_LIMIT = 200;
/** Characters of one cell that are shown. */
export const CELL_LIMIT = 2000;
const SEPARATORS = [",", ";", "\t", "|"] as const;
/** Characters in which the separator is looked for. */
const PROBE_LENGTH = 4096;

export interface CsvTable {
  readonly rows: readonly (readonly string[])[];
  /** Cells of the widest row. */
  readonly columns: number;
  /** Whether rows, columns or text beyond the limits are left out. */
  readonly isCut: boolean;
}

export function readCsv(text: string): CsvTable {
  const separator = separatorOf(text);
  const rows: string[][] = [];
  let [row, cell, isQuoted, isCut, columns]: [string[], string, boolean, boolean, number] = [[], "", false, false, 0];
  const endCell = (): void => {
    if (cell.length > CELL_LIMIT || row.length >= COLUMN_LIMIT) isCut = true;
    if (row.length < COLUMN_LIMIT) row.push(seenText(cell.slice(0, CELL_LIMIT)));
    cell = "";
  };
  const endRow = (): void => {
    endCell();
    rows.push(row);
    columns = Math.max(columns, row.length);
    row = [];
  };
  const start = text.startsWith("\ufeff") ? 1 : 0;
  for (let at = start; at < text.length; at++) {
    if (rows.length >= ROW_LIMIT) return { rows, columns, isCut: true };
    const character = text.charAt(at);
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === separator) endCell();
    else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[at + 1] === "\n") at++;
      endRow();
    } else cell += character;
  }
  if (cell !== "" || row.length > 0) endRow();
  return { rows, columns, isCut };
}

/** The separator that stands most often outside quotation marks at the beginning. */
function separatorOf(text: string): string {
  const probe = text.slice(0, PROBE_LENGTH).replaceAll(/"[^"]*"/gu, "");
  const counted = SEPARATORS.map((separator) => ({ separator, count: probe.split(separator).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).separator;
}
