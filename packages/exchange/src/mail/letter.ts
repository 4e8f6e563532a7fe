/**
 * The words of a mail, once as plain text and once as HTML that says the same. Short, without pictures or anything fetched: what is in
 * a mail can be read by many on the way. A link stands only where the mail is about nothing else (an invitation), written out in
 * full in both, so that what is read is what is opened; people should not learn to follow links in a mail with a code.
 */
import type { Language } from "@safeconduct/contract";

/** A paragraph, or something to copy or to open with what it is called. */
type LetterPart =
  | string
  | { readonly label: string; readonly code: string }
  | { readonly label: string; readonly link: string };

/** What a mail says, in one language. */
export interface MailText {
  readonly subject: string;
  readonly parts: readonly LetterPart[];
}

export interface Letter {
  readonly subject: string;
  readonly text: string;
  /** A whole document. It takes the reader's own colours, light or dark. */
  readonly html: string;
}

const STYLE = "font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 1.5em";
const CODE_STYLE = "font: 600 28px/1.5 ui-monospace, monospace; letter-spacing: 0.1em; margin: 0.5em 0";

const LINK_STYLE = "overflow-wrap: anywhere";

/** `language` is the one of the words, for whoever has them read aloud. */
export function letter(language: Language, { subject, parts }: MailText): Letter {
  const text = parts.map(textOf).join("\n\n");
  const body = parts.map(htmlOf).join("\n");
  const head = `<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title>`;
  return {
    subject,
    text,
    html: `<!doctype html>\n<html lang="${language}"><head>${head}</head>\n<body style="${STYLE}">\n${body}\n</body></html>\n`,
  };
}

function textOf(part: LetterPart): string {
  if (typeof part === "string") return part;
  return "code" in part ? `${part.label}: ${part.code}` : `${part.label}:\n${part.link}`;
}

function htmlOf(part: LetterPart): string {
  if (typeof part === "string") return `<p>${escaped(part)}</p>`;
  const label = `<p>${escaped(part.label)}:</p>`;
  if ("code" in part) return `${label}\n<p style="${CODE_STYLE}">${escaped(part.code)}</p>`;
  return `${label}\n<p style="${LINK_STYLE}"><a href="${escaped(part.link)}">${escaped(part.link)}</a></p>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
