/** Ranges of a file that the browser holds, the next one read ahead while the last is encrypted. */
import type { OutgoingFile } from "@safeconduct/client";
import type { Bytes } from "@safeconduct/foundation";
import { sendProblem } from "./errors.ts";

/** Of smaller pieces the next belongs to another file. */
const AHEAD_FROM_BYTES = 512 * 1024;

/** Problem `portal/file-unreadable`: it was moved, changed or its disk is gone since it was chosen. */
export function readSource(file: Pick<File, "size" | "slice">): OutgoingFile["read"] {
  let coming: { readonly offset: number; readonly length: number; readonly bytes: Promise<Bytes> } | null = null;
  const start = (offset: number, length: number): Promise<Bytes> => {
    const bytes = file
      .slice(offset, offset + length)
      .arrayBuffer()
      .then(
        (buffer) => new Uint8Array(buffer),
        () => {
          throw sendProblem("portal/file-unreadable");
        },
      );
    // Heard of when the piece is asked for, if ever.
    bytes.catch(() => undefined);
    return bytes;
  };
  return async (offset, length) => {
    const isHere = coming !== null && coming.offset === offset && coming.length === length;
    const bytes = isHere && coming !== null ? coming.bytes : start(offset, length);
    coming = null;
    const read = await bytes;
    const next = offset + length;
    if (read.length === length && length >= AHEAD_FROM_BYTES && next + length <= file.size)
      coming = { offset: next, length, bytes: start(next, length) };
    return read;
  };
}
