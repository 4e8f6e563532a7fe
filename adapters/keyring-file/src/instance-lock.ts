/**
 * One process at a time opens a key folder. The lock is SQLite's exclusive lock on an empty file: the operating system
 * holds it for the process and lets go of it however that ends, kill -9 included, so there is nothing stale to judge.
 * Rejected: a file with a process id (ids come again, and two starters can both judge it stale); a listening socket
 * (its file outlives a kill, and Windows has none).
 */
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** SQLITE_BUSY, <https://sqlite.org/rescode.html>. */
const BUSY = 5;

/** Another process has the folder open. */
export class FolderInUse extends Error {
  override readonly name = "FolderInUse";
}

/** Takes the lock file at `path` or throws {@link FolderInUse}. Returns what lets go of it. */
export function lockInstance(path: string): () => void {
  const database = new DatabaseSync(path);
  // Not by opening the file ourselves first: closing that handle would drop every POSIX lock this process has on it.
  chmodSync(path, 0o600);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) {
      throw new FolderInUse("the key folder is open in another process");
    }
    throw error;
  }
  return () => database.close();
}
