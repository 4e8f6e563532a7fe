/** One signed note as a file: replaced whole or not at all, and on the disk when the write returns. */
import { dirname } from "node:path";
import { utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";

export interface NoteFile {
  /** Null where there is none, or where it is no text. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

/** The folder of `path` exists. */
export function noteFile(path: string, files: FileSystem = nodeFileSystem): NoteFile {
  return {
    async read() {
      const bytes = await files.read(path);
      return bytes && utf8Text(bytes);
    },
    async write(text) {
      await files.write(`${path}.new`, utf8Bytes(text));
      await files.rename(`${path}.new`, path);
      await files.syncFolder(dirname(path));
    },
  };
}
