/** Saves every file of an opened package into a folder, and says which. A file appears only when it is whole and verified. */
import type { OpenedPackage } from "@safeconduct/envelope";
import { hexText, type Random } from "@safeconduct/foundation";
import { saveFile } from "./incoming-files.ts";
import { sizeWords, type Terminal } from "./terminal.ts";

/** What `readFile` gives at most; one is written while the other is filled. */
const PIECE_BYTES = 1 << 20;

export interface SavedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export async function savePackage(
  { terminal, random }: { terminal: Terminal; random: Random },
  folder: string,
  opened: OpenedPackage,
): Promise<readonly SavedFile[]> {
  const memory = [0, 1].map(() => new Uint8Array(PIECE_BYTES));
  const saved: SavedFile[] = [];
  for (const { id, path, sizeBytes, sha256 } of opened.manifest.files) {
    const onProgress = (doneBytes: number) =>
      terminal.progress(`Verifying and saving  ${sizeWords(doneBytes)} of ${sizeWords(sizeBytes)}`);
    const place = await saveFile({ folder, path, random, onProgress }, opened.readFile(id, memory));
    saved.push({ path: place, sizeBytes, sha256: hexText(sha256) });
  }
  terminal.progressDone();
  return saved;
}

export const savedWords = (saved: readonly SavedFile[]): readonly string[] =>
  saved.map(({ path, sizeBytes }) => `${path}  ${sizeWords(sizeBytes)}`);

export const countWords = ({ length }: readonly SavedFile[]): string => (length === 1 ? "1 file" : `${length} files`);
