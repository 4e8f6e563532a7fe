/**
 * One process for one data folder. The lock is a SQLite database of nothing that is held in an exclusive transaction:
 * the operating system lets go of it when the process ends, however it ends, so there is no stale lock to clean up,
 * and unlike a file with a process number in it nothing can be mistaken. On network file systems it is as good as
 * their fcntl locks.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { storeProblem } from "@safeconduct/sql";

export interface FolderLock {
  release(): void;
}

const LOCK_NAME = "instance.lock";
const SQLITE_BUSY = 5;
const PRIVATE_MODE = 0o600;

/** Whoever forgets what was answered holds the folder all the same: an open database that nobody knows is closed by the collector. */
const held = new Set<DatabaseSync>();

/** Holds `folder`, which exists, for this process. Throws Problem `store/already-open` or `store/unwritable`. */
export function lockFolder(folder: string): FolderLock {
  return lockFile(join(folder, LOCK_NAME));
}

/** The same for one path; makes the file, and leaves it there. */
export function lockFile(path: string): FolderLock {
  let database: DatabaseSync | null = null;
  try {
    closeSync(openSync(path, "a", PRIVATE_MODE));
    database = new DatabaseSync(path, { timeout: 0 });
    // Nothing is ever written, so there is nothing to roll back and no journal to leave beside it.
    database.exec("pragma journal_mode = off");
    database.exec("begin exclusive");
  } catch (error) {
    database?.close();
    throw storeProblem(isBusy(error) ? "store/already-open" : "store/unwritable");
  }
  const lock = database;
  held.add(lock);
  return {
    release: () => {
      held.delete(lock);
      if (lock.isOpen) lock.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  // The low byte is the primary result code (https://sqlite.org/rescode.html).
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
