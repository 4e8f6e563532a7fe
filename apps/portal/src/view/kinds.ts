/**
 * Which files the page can show and how large they may be. The name decides, then what the sender calls the file; a file without
 * an ending, as DICOM media have them, is asked for its first bytes. A wrong guess shows a wrong picture or an error, never
 * more: no kind is run, and each is drawn by its own reader.
 */
import type { Bytes } from "@safeconduct/foundation";
import { isDicom } from "./dicom/data-set.ts";

export type ViewKind = "text" | "csv" | "json" | "xml" | "image" | "pdf" | "dicom";
/** `by-content`: the first bytes will tell. */
export type NamedKind = ViewKind | "by-content";

const MEBIBYTE = 1024 * 1024;
/** What one reader takes on: a telephone must hold the file and what is made of it. */
export const VIEW_LIMITS_BYTES: Readonly<Record<NamedKind, number>> = {
  text: 10 * MEBIBYTE,
  csv: 20 * MEBIBYTE,
  json: 10 * MEBIBYTE,
  xml: 20 * MEBIBYTE,
  image: 50 * MEBIBYTE,
  pdf: 100 * MEBIBYTE,
  dicom: 256 * MEBIBYTE,
  "by-content": 256 * MEBIBYTE,
};

const KINDS_BY_ENDING: ReadonlyMap<string, ViewKind> = new Map([
  // A page or a drawing of somebody else's is shown as its source: its markup is never ours.
  ...endings("text", "txt text log md hl7 ndjson jsonl yaml yml ini svg html htm xhtml css js"),
  ...endings("csv", "csv tsv"),
  ...endings("json", "json fhir geojson"),
  ...endings("xml", "xml ccd ccda cda"),
  ...endings("image", "png jpg jpeg jfif webp gif bmp"),
  ...endings("pdf", "pdf"),
  ...endings("dicom", "dcm dicom"),
]);

const KINDS_BY_MEDIA_TYPE: ReadonlyMap<string, ViewKind> = new Map([
  ["text/plain", "text"],
  ["text/csv", "csv"],
  ["application/json", "json"],
  ["application/fhir+json", "json"],
  ["application/xml", "xml"],
  ["text/xml", "xml"],
  ["application/fhir+xml", "xml"],
  ["application/pdf", "pdf"],
  ["application/dicom", "dicom"],
  ["image/png", "image"],
  ["image/jpeg", "image"],
  ["image/webp", "image"],
  ["image/gif", "image"],
  ["image/bmp", "image"],
]);

function endings(kind: ViewKind, list: string): [string, ViewKind][] {
  return list.split(" ").map((ending) => [ending, kind]);
}

/** Null for a file that is offered for download alone. Path and media type are the sender's, so any text. */
export function namedKind({ path, mediaType }: { path: string; mediaType: string }): NamedKind | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const byEnding = dot > 0 ? KINDS_BY_ENDING.get(name.slice(dot + 1).toLowerCase()) : undefined;
  const byMediaType = KINDS_BY_MEDIA_TYPE.get(mediaType);
  return byEnding ?? byMediaType ?? (dot <= 0 ? "by-content" : null);
}

/** Of a kind that the page reads, and no larger than its reader takes. */
export function canShow(file: { path: string; mediaType: string; sizeBytes: number }): boolean {
  const kind = namedKind(file);
  return kind !== null && file.sizeBytes <= VIEW_LIMITS_BYTES[kind];
}

/** What the first bytes say, or null. */
export function kindByContent(content: Bytes): ViewKind | null {
  if (isDicom(content)) return "dicom";
  if (String.fromCharCode(...content.subarray(0, 5)) === "%PDF-") return "pdf";
  if (imageFormat(content) !== null) return "image";
  return isPlainText(content.subarray(0, TEXT_PROBE_BYTES)) ? "text" : null;
}

const TEXT_PROBE_BYTES = 64 * 1024;

/** UTF-8 without control characters other than tab, line and page breaks. The probe may end within a character. */
function isPlainText(probe: Bytes): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(probe, { stream: true });
    // oxlint-disable-next-line no-control-regex
    return !/[\u0000-\u0008\u000e-\u001f]/u.test(text);
  } catch {
    return false;
  }
}

export type ImageFormat = "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/bmp";

/** The format of a picture by its own first bytes: what the sender calls it decides nothing. */
export function imageFormat(content: Bytes): ImageFormat | null {
  const head = String.fromCharCode(...content.subarray(0, 16));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  return head.startsWith("BM") ? "image/bmp" : null;
}
