/** The name of a second file where the first has taken it. */
import { extname } from "node:path";
import { PATH_SEGMENT_LIMIT_BYTES } from "@safeconduct/envelope";
import { utf8Bytes } from "@safeconduct/foundation";

/** Anything longer is no extension. */
const EXTENSION_LIMIT_CHARACTERS = 16;

/** `name (2).dcm`, its stem cut where the whole would be too long for a file system. */
export function copyName(name: string, copy: number): string {
  const last = extname(name);
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
