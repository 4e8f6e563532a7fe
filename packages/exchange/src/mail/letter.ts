/**
 * The words of a mail, once as plain text and once as HTML that says the same. Short, without pictures, links or anything fetched:
 * what is in a mail can be read by many on the way, and people should not learn to follow links in one.
 */

/** A paragraph, or something to copy with what it is called. */
export type LetterPart = string | { readonly label: string; readonly code: string };

export interface Letter {
  readonly text: string;
  /** A whole document. It takes the reader's own colours, light or dark. */
  readonly html: string;
}

const STYLE = "font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 1.5em";
const CODE_STYLE = "font: 600 28px/1.5 ui-monospace, monospace; letter-spacing: 0.1em; margin: 0.5em 0";

/** `title` is what the reader's program may show as the document's name. */
export function letter(title: string, parts: readonly LetterPart[]): Letter {
  const text = parts.map((part) => (typeof part === "string" ? part : `${part.label}: ${part.code}`)).join("\n\n");
  const body = parts.map(htmlOf).join("\n");
  const head = `<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escaped(title)}</title>`;
  return {
    text,
    html: `<!doctype html>\n<html lang="en"><head>${head}</head>\n<body style="${STYLE}">\n${body}\n</body></html>\n`,
  };
}

const htmlOf = (part: LetterPart): string =>
  typeof part === "string"
    ? `<p>${escaped(part)}</p>`
    : `<p>${escaped(part.label)}:</p>\n<p style="${CODE_STYLE}">${escaped(part.code)}</p>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
