/**
 * What was dropped, with folders opened: the entries of the File and Directory Entries API, which every browser has for drops.
 * Names and depth come from the person's disk or an archive program and may be anything.
 */
import { FILE_LIMIT } from "@safeconduct/envelope";
import type { FoundFile } from "./chosen-files.ts";

/** Deeper folders are left out. */
export const FOLDER_DEPTH_LIMIT = 32;
/** One more than can be sent, so that the list can say that there were too many. */
const FOUND_LIMIT = FILE_LIMIT + 1;

export interface Dropped {
  readonly found: readonly FoundFile[];
  /** Files and folders that the browser would not open. */
  readonly unreadable: number;
}

/** To be called in the drop's own handler: afterwards the entries are gone. */
export function entriesOf(transfer: DataTransfer): readonly FileSystemEntry[] {
  return [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
}

export async function readEntries(entries: readonly FileSystemEntry[]): Promise<Dropped> {
  const found: FoundFile[] = [];
  let unreadable = 0;
  /** From the last to the first, so that a stack gives them in order. */
  const open = entries.map((entry) => ({ entry, depth: 0 })).reverse();
  for (let next = open.pop(); next !== undefined && found.length < FOUND_LIMIT; next = open.pop()) {
    const { entry, depth } = next;
    try {
      if (isFile(entry)) {
        const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
        found.push({ name: entry.fullPath.replace(/^\/+/u, ""), file });
      } else if (isFolder(entry) && depth < FOLDER_DEPTH_LIMIT) {
        const inside = await childrenOf(entry);
        for (const child of inside.toSorted(byName).reverse()) open.push({ entry: child, depth: depth + 1 });
      } else {
        unreadable++;
      }
    } catch {
      unreadable++;
    }
  }
  return { found, unreadable };
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const byName = (a: FileSystemEntry, b: FileSystemEntry): number => (a.name < b.name ? -1 : 1);

/** A reader gives some at a time, and none when it has given all. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
    if (children.length > FOUND_LIMIT) return children;
  }
}

/** What a file field holds; of a chosen folder with the paths inside it. */
export const filesOf = (list: FileList): readonly FoundFile[] =>
  [...list].map((file) => ({ name: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath, file }));
