/**
 * The embedded database: one file, one process, one writing connection and one for reading.
 * Each commit is on the disk before it is answered (https://sqlite.org/pragma.html#pragma_synchronous: FULL in WAL mode).
 */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Store } from "@safeconduct/exchange";
import { type Database, migrate, sqlStore, storeProblem } from "@safeconduct/sql";
import { Kysely, sql } from "kysely";
import { lockFile } from "./file-lock.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export interface OpenSqlite {
  readonly store: Store;
  /** The writing connection, for what keeps its own tables in the same file. Never inside `store.transaction`. */
  readonly db: Kysely<Database>;
  /** Waits for running work. The same as `store.close()`. */
  close(): Promise<void>;
}

/** Only a backup tool can hold the file as well, and not for long. */
const BUSY_TIMEOUT_MS = 5000;
/** Primary result codes (https://sqlite.org/rescode.html). */
const SQLITE_FULL = 13;
const SCRUB_ATTEMPTS = 100;
const SCRUB_PAUSE_MS = 20;
const DAMAGED: ReadonlySet<number> = new Set([11 /* SQLITE_CORRUPT */, 26 /* SQLITE_NOTADB */]);
/** The database holds addresses: nobody else on the machine reads it. */
const PRIVATE_MODE = 0o600;

/**
 * Opens or makes the database `file` in a folder that exists, and brings its schema up to date.
 * Rejects with Problem `store/already-open`, `store/unwritable`, `store/damaged` or `store/schema-unknown`.
 */
export async function openSqlite({ file }: { file: string }): Promise<OpenSqlite> {
  const lock = lockFile(`${file}.lock`);
  const opened: DatabaseSync[] = [];
  try {
    const writer = openWriter(file);
    opened.push(writer);
    const db = new Kysely<Database>({ dialect: sqliteDialect(writer, "begin immediate") });
    await db.transaction().execute((tx) => migrate(tx, "sqlite"));
    const reader = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    opened.push(reader);
    const reads = new Kysely<Database>({ dialect: sqliteDialect(reader, "begin") });
    const close = async () => {
      // The reader first: the last connection to close brings the log back into the database, and needs to write.
      await reads.destroy();
      // Kysely destroys nothing that it never used.
      if (reader.isOpen) reader.close();
      await db.destroy();
      lock.release();
    };
    const store = sqlStore({
      dialect: "sqlite",
      write: (work) => db.transaction().execute(work).catch(explain),
      read: (work) => reads.transaction().execute(work).catch(explain),
      scrub: () => truncateLog(db),
      close,
    });
    return { store, db, close };
  } catch (error) {
    for (const database of opened) if (database.isOpen) database.close();
    lock.release();
    return explain(error);
  }
}

function openWriter(file: string): DatabaseSync {
  let writer: DatabaseSync;
  try {
    closeSync(openSync(file, "a", PRIVATE_MODE));
    writer = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  } catch {
    throw storeProblem("store/unwritable");
  }
  try {
    writer.exec("pragma journal_mode = wal");
    writer.exec("pragma synchronous = full");
    // What is erased is overwritten in the file: an erased salt must not be found in a free page.
    writer.exec("pragma secure_delete = on");
    return writer;
  } catch (error) {
    writer.close();
    throw error;
  }
}

function explain(error: unknown): never {
  // The low byte is the primary result code.
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
  if (code === SQLITE_FULL) throw storeProblem("store/full");
  if (code !== null && DAMAGED.has(code)) throw storeProblem("store/damaged");
  throw error;
}

/**
 * secure_delete overwrites in the pages; what the log still holds of old pages goes when it is cut to nothing. A reader that is
 * at work keeps it, and because it is in this process too, waiting inside the call would keep the reader.
 */
async function truncateLog(db: Kysely<Database>): Promise<void> {
  for (let attempt = 0; attempt < SCRUB_ATTEMPTS; attempt++) {
    const done = await db.connection().execute(async (connection) => {
      await sql`pragma busy_timeout = 0`.execute(connection);
      try {
        const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection);
        return rows[0]?.busy === 0;
      } finally {
        await sql`pragma busy_timeout = ${sql.lit(BUSY_TIMEOUT_MS)}`.execute(connection);
      }
    });
    if (done) return;
    await new Promise((resolve) => setTimeout(resolve, SCRUB_PAUSE_MS));
  }
  throw storeProblem("store/busy");
}
