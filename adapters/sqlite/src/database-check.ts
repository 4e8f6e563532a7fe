/** SQLite's own checks of a database file that is open nowhere else: every page, every index, every reference. */
import { DatabaseSync } from "node:sqlite";

/**
 * Whether `file` is a whole database in itself (https://sqlite.org/pragma.html#pragma_integrity_check and
 * #pragma_foreign_key_check). What its entries say is not looked at.
 */
export function isWholeDatabase(file: string): boolean {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file);
    const problems = database.prepare("pragma integrity_check(1)").all();
    const orphans = database.prepare("pragma foreign_key_check").all();
    return problems.length === 1 && problems[0]?.["integrity_check"] === "ok" && orphans.length === 0;
  } catch {
    return false;
  } finally {
    database?.close();
  }
}
