/**
 * Where a browser can put a file: in memory and then in its download list when small; when large, streamed to its downloads by a service
 * worker, else into a file that the person picked (File System Access API). A large one is held in memory only where there is neither,
 * and a very large one never.
 */
import { saveBlob } from "../elements/save.ts";
import type { Sink } from "./downloads.ts";

/** Up to this a file goes through memory everywhere: a telephone has no more to spare. */
export const SMALL_FILE_BYTES = 50 * 1000 * 1000;
/** Largest file that goes through memory where there is no other way. */
export const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;
/** Pieces are handed to the browser's blob store in lumps of this size, so that the page's own heap stays small. */
const LUMP_BYTES = 16 * 1024 * 1024;

export type Way = "memory" | "stream" | "picked-file" | "none";

/** Streaming before picking: it asks nothing, so that many files can be fetched with one press. */
export function wayFor(sizeBytes: number, { canStream, canPick }: { canStream: boolean; canPick: boolean }): Way {
  if (sizeBytes <= SMALL_FILE_BYTES) return "memory";
  if (canStream) return "stream";
  if (canPick) return "picked-file";
  return sizeBytes <= MEMORY_LIMIT_BYTES ? "memory" : "none";
}

/** The last segment of a path inside the package. The reader has refused names that could leave a folder. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export async function memorySink(fileName: string): Promise<Sink> {
  const lumps: Blob[] = [];
  let pieces: BlobPart[] = [];
  let heldBytes = 0;
  return {
    async write(piece) {
      pieces.push(piece);
      heldBytes += piece.length;
      if (heldBytes < LUMP_BYTES) return;
      lumps.push(new Blob(pieces));
      [pieces, heldBytes] = [[], 0];
    },
    async finish() {
      // Never the type that the sender names: the browser must save it, not show or run it.
      saveBlob(new Blob([...lumps, ...pieces], { type: "application/octet-stream" }), fileName);
    },
    async discard() {
      lumps.length = 0;
      pieces = [];
    },
  };
}

interface FilePicker {
  showSaveFilePicker(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** The browser's picker, or null where there is none. It is not part of TypeScript's DOM yet. */
function filePicker(): FilePicker | null {
  const scope: object = globalThis;
  return "showSaveFilePicker" in scope ? (scope as FilePicker) : null;
}

export const canPickFile = (): boolean => filePicker() !== null;

/** Asks the person for a place; needs a fresh press of a button. Null when they think better of it. */
export async function pickFile(fileName: string): Promise<FileSystemFileHandle | null> {
  const picker = filePicker();
  if (picker === null) throw new Error("this browser has no file picker");
  try {
    return await picker.showSaveFilePicker({ suggestedName: fileName });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

/** Writes beside the picked file; only `finish` puts the content in its place. */
export async function pickedFileSink(handle: FileSystemFileHandle): Promise<Sink> {
  const stream = await handle.createWritable();
  return {
    write: (piece) => stream.write(piece),
    finish: () => stream.close(),
    discard: () => stream.abort(),
  };
}
