/**
 * Paths inside a package: names that every common file system takes, that mean the same on each, and that cannot
 * leave the folder into which a recipient saves them. A manifest with any other path does not open.
 */
import { utf8Bytes } from "@safeconduct/foundation";

export const PATH_LIMIT_BYTES = 1024;
export const PATH_SEGMENT_LIMIT_BYTES = 255;

/** Controls (C0, C1, DEL), line and paragraph separators, and everything that overrides or marks direction. */
const UNPRINTABLE = /[\p{Cc}\u{61c}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}\u{feff}]/gu;
/** What Windows forbids in names; `:` would also name an alternate data stream or a drive. */
const RESERVED = /[<>:"|?*\\]/g;
/** Windows device names, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u{b9}\u{b2}\u{b3}]) *(?:\.|$)/iu;
const TRAILING = /[. ]+$/;
/** Longest extension that a shortened name keeps, with its dot. */
const EXTENSION_LIMIT_BYTES = 16;
const FALLBACK = "file";

/** Whether `path` may stand in a manifest: relative, `/`-separated, NFC, each segment harmless. */
export function validPath(path: string): boolean {
  return (
    path.isWellFormed() &&
    path === path.normalize("NFC") &&
    utf8Bytes(path).length <= PATH_LIMIT_BYTES &&
    path.split("/").every(validSegment)
  );
}

/** Equal for two paths that some file system takes for one. */
function foldedPath(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * The first path that collides with another: the same under case folding, or one a file where the other needs a
 * folder of that name. Null when all can stand side by side.
 */
export function collidingPath(paths: readonly string[]): string | null {
  const files = new Set<string>();
  for (const path of paths) {
    const folded = foldedPath(path);
    if (files.has(folded)) return path;
    files.add(folded);
  }
  for (const path of paths) {
    if (foldersOf(foldedPath(path)).some((folder) => files.has(folder))) return path;
  }
  return null;
}

/** Paths that stand side by side, one after the other: as {@link collidingPath}, without asking all of them anew for each. */
export class TakenPaths {
  private readonly files = new Set<string>();
  private readonly folders = new Set<string>();

  /** False, and nothing is taken, where `path` collides with one that was taken before. */
  take(path: string): boolean {
    const folded = foldedPath(path);
    const above = foldersOf(folded);
    if (this.files.has(folded) || this.folders.has(folded) || above.some((folder) => this.files.has(folder)))
      return false;
    this.files.add(folded);
    for (const folder of above) this.folders.add(folder);
    return true;
  }
}

/** `a` and `a/b` of `a/b/c`. */
function foldersOf(path: string): string[] {
  const folders = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1))
    folders.push(path.slice(0, slash));
  return folders;
}

/** A valid path for any `name`, hostile ones included; a valid one is returned as it is. Both `/` and `\` separate. */
export function safePath(name: string): string {
  if (validPath(name)) return name;
  const segments = name
    .toWellFormed()
    .normalize("NFC")
    .split(/[/\\]/)
    .filter((segment) => segment !== "" && segment !== "." && segment !== "..")
    .map(safeSegment);
  // The last segments say most about a file: keep as many as fit.
  let path = segments.pop() ?? FALLBACK;
  for (let folder = segments.pop(); folder !== undefined; folder = segments.pop()) {
    if (utf8Bytes(`${folder}/${path}`).length > PATH_LIMIT_BYTES) break;
    path = `${folder}/${path}`;
  }
  return path;
}

function validSegment(segment: string): boolean {
  return (
    segment !== "" &&
    utf8Bytes(segment).length <= PATH_SEGMENT_LIMIT_BYTES &&
    segment.search(UNPRINTABLE) < 0 &&
    segment.search(RESERVED) < 0 &&
    !TRAILING.test(segment) &&
    !DEVICE.test(segment)
  );
}

function safeSegment(segment: string): string {
  const printable = segment.replace(UNPRINTABLE, "").replace(RESERVED, "_").normalize("NFC").replace(TRAILING, "");
  // Asked again after shortening, which may uncover a device name.
  return notDevice(shortened(notDevice(printable === "" ? FALLBACK : printable)));
}

function notDevice(segment: string): string {
  return DEVICE.test(segment) ? `_${segment}` : segment;
}

/** `segment` within its limit: cut between characters, the extension kept. */
function shortened(segment: string): string {
  if (utf8Bytes(segment).length <= PATH_SEGMENT_LIMIT_BYTES) return segment;
  const dot = segment.lastIndexOf(".");
  const suffix = segment.slice(dot);
  const extension = dot > 0 && utf8Bytes(suffix).length <= EXTENSION_LIMIT_BYTES ? suffix : "";
  let room = PATH_SEGMENT_LIMIT_BYTES - utf8Bytes(extension).length;
  let stem = "";
  for (const character of segment.slice(0, segment.length - extension.length)) {
    room -= utf8Bytes(character).length;
    if (room < 0) break;
    stem += character;
  }
  const kept = stem.replace(TRAILING, "") + extension;
  return (kept === "" ? FALLBACK : kept).normalize("NFC");
}
