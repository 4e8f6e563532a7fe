/** Names of files on their way into a package: safe on every system, each once, and what kind of file a name says. */
import { PATH_SEGMENT_LIMIT_BYTES, safePath, TakenPaths } from "@safeconduct/envelope";
import { utf8Bytes } from "@safeconduct/foundation";

/** Anything longer is no extension. */
const EXTENSION_LIMIT_CHARACTERS = 16;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".dcm": "application/dicom",
  ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".txt": "text/plain",
  ".xml": "application/xml",
  ".zip": "application/zip",
};
const UNKNOWN_TYPE = "application/octet-stream";

/** By the extension alone: what a browser or system believes of a file differs from one to the next. */
export const mediaTypeOf = (path: string): string =>
  MEDIA_TYPES[extensionOf(nameOf(path)).toLowerCase()] ?? UNKNOWN_TYPE;

/** `name (2).dcm`, its stem cut where the whole would be too long for a file system. */
export function copyName(name: string, copy: number): string {
  const last = extensionOf(name);
  const extension = last.length <= EXTENSION_LIMIT_CHARACTERS ? last : "";
  const suffix = ` (${copy})${extension}`;
  let room = PATH_SEGMENT_LIMIT_BYTES - utf8Bytes(suffix).length;
  let stem = "";
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= utf8Bytes(character).length;
    if (room < 0) break;
    stem += character;
  }
  return stem + suffix;
}

/**
 * A valid path for each of `names`, in the same order; a second one that some system would take for the first gets a number.
 * `names` may be hostile.
 */
export function outgoingPaths(names: readonly string[]): string[] {
  const taken = new TakenPaths();
  // Where counting goes on, so that thousands of one name do not each begin at 2.
  const copies = new Map<string, number>();
  return names.map((name) => {
    const path = safePath(name);
    if (taken.take(path)) return path;
    for (let copy = (copies.get(path) ?? 1) + 1; ; copy++) {
      // Where another file has the name of one of its folders, a number at the end does not help.
      // Made safe anew, because a path of the longest length has no room for a number.
      const candidates = [numbered(path, copy, "last"), numbered(path, copy, "first")].map(safePath);
      const free = candidates.find((candidate) => taken.take(candidate));
      if (free === undefined) continue;
      copies.set(path, copy);
      return free;
    }
  });
}

/** One segment gets the number; a long one gives way to it. */
function numbered(path: string, copy: number, which: "first" | "last"): string {
  const segments = path.split("/");
  const at = which === "first" ? 0 : segments.length - 1;
  return segments.with(at, copyName(segments[at] ?? "", copy)).join("/");
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** With its dot; empty where there is none, and of a name that begins with its only dot. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot) : "";
}
