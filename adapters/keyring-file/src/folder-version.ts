/**
 * The `version` file of a key folder. It is written before anything else as "being set up" and replaced when the first
 * ring stands, so that a folder whose ring was lost is never taken for a new one.
 */
import { join } from "node:path";
import { utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { DamagedStore } from "@safeconduct/keyring";
import { type FileSystem, writeDurably } from "./file-system.ts";

const TEXTS = {
  "being-set-up": "safeconduct key folder 1, being set up\n",
  ready: "safeconduct key folder 1\n",
} as const;

type FolderVersion = keyof typeof TEXTS;

/** Null in a folder without one. Throws `DamagedStore` on a version that this code does not know. */
export async function readFolderVersion(files: FileSystem, folder: string): Promise<FolderVersion | null> {
  const stored = await files.read(join(folder, "version"));
  if (stored === null) return null;
  const text = utf8Text(stored);
  if (text === TEXTS.ready) return "ready";
  if (text === TEXTS["being-set-up"]) return "being-set-up";
  throw new DamagedStore("the key folder is of another version, or its version file is damaged");
}

/** Atomic, and durable when it returns. */
export async function writeFolderVersion(files: FileSystem, folder: string, version: FolderVersion): Promise<void> {
  await writeDurably(files, join(folder, "version.new"), utf8Bytes(TEXTS[version]));
  await files.rename(join(folder, "version.new"), join(folder, "version"));
  await files.syncFolder(folder);
}
