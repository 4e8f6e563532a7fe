/** Saves every file of an opened package into a folder, and says which. A file appears only when it is whole and verified. */
import type { OpenedPackage } from "@safeconduct/envelope";
import { type Bytes, type CryptoPorts, hexText, type Sha256Stream } from "@safeconduct/foundation";
import { saveFile } from "./incoming-files.ts";
import { sizeWords, type Terminal } from "./terminal.ts";

/** What `readFile` gives at most, of packages that an earlier version sent; one is written while the other is filled. */
const PIECE_BYTES = 1 << 20;

export interface SavedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hexadecimal; for programs alone, which can compare it. */
  readonly sha256?: string;
}

export async function savePackage(
  { terminal, crypto }: { terminal: Terminal; crypto: Pick<CryptoPorts, "random" | "startSha256"> },
  folder: string,
  opened: OpenedPackage,
): Promise<readonly SavedFile[]> {
  const memory = [0, 1].map(() => new Uint8Array(PIECE_BYTES));
  const saved: SavedFile[] = [];
  const { random } = crypto;
  for (const { id, path, sizeBytes } of opened.manifest.files) {
    const onProgress = (doneBytes: number) =>
      terminal.progress(`Verifying and saving  ${sizeWords(doneBytes)} of ${sizeWords(sizeBytes)}`);
    const hash = terminal.json ? crypto.startSha256() : null;
    const pieces = opened.readFile(id, memory);
    const place = await saveFile({ folder, path, random, onProgress }, hash === null ? pieces : hashed(pieces, hash));
    saved.push({ path: place, sizeBytes, ...(hash === null ? {} : { sha256: hexText(hash.digest()) }) });
  }
  terminal.progressDone();
  return saved;
}

async function* hashed(pieces: AsyncIterable<Bytes>, hash: Sha256Stream): AsyncGenerator<Bytes, void, undefined> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

export const savedWords = (saved: readonly SavedFile[]): readonly string[] =>
  saved.map(({ path, sizeBytes }) => `${path}  ${sizeWords(sizeBytes)}`);

export const countWords = ({ length }: readonly SavedFile[]): string => (length === 1 ? "1 file" : `${length} files`);
