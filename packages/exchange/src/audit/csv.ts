/**
 * Rows of CSV (RFC 4180): every field in quotes, lines end with CRLF. A field that a spreadsheet would run as a formula gets an
 * apostrophe in front (OWASP, "CSV Injection"): names and addresses in an audit log are other people's words.
 */

/** Also the full-width signs that some spreadsheets take for the plain ones. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/u;

export function csvRow(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(",")}\r\n`;
}

function csvField(field: string | number | null): string {
  if (field === null) return "";
  if (typeof field === "number") return String(field);
  const safe = FORMULA.test(field) ? `'${field}` : field;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Excel takes a file without it for the codepage of its country and spoils every name that is not ASCII. */
export const CSV_BYTE_ORDER_MARK = "\ufeff";
