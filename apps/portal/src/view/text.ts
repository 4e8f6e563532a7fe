/** Attacker-controlled bytes as text to be shown: decoding, and pages of lines, so that a large file does not stop the page. */
import type { Bytes } from "@safeconduct/foundation";

/** Lines that are shown at once. */
export const PAGE_LINES = 1000;
/** Characters of one line that are shown; some files are one line. */
export const LINE_LIMIT = 20_000;

/** UTF-8, or UTF-16 with a byte order mark; what is neither is Windows-1252, in which every byte means something. */
export function decodeText(content: Bytes): string {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(content);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return new TextDecoder("windows-1252").decode(content);
  }
}

/** Bidirectional controls, which can make text read otherwise than it stands (Unicode TR 36), and controls that draw nothing. */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Each unseen control as a replacement character, so that nothing is hidden and nothing turned around. */
export const seenText = (text: string): string => text.replaceAll(UNSEEN, "\ufffd");

/** Lines cut to what is shown, and whether any was cut. */
export function textLines(text: string): { lines: readonly string[]; isCut: boolean } {
  let isCut = false;
  const lines = text.split(/\r\n|\r|\n/u).map((line) => {
    if (line.length <= LINE_LIMIT) return seenText(line);
    isCut = true;
    return seenText(line.slice(0, LINE_LIMIT));
  });
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return { lines, isCut };
}
