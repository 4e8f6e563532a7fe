/**
 * How rows are added: an id or token that exists is a conflict that leaves the transaction usable. A failed INSERT would
 * end a PostgreSQL transaction, but not a SQLite one, so the statement itself does nothing and says so.
 */
import type { InsertResult } from "kysely";
import { storeProblem } from "./errors.ts";

/** Answers what an INSERT … ON CONFLICT DO NOTHING added. Throws Problem `store/conflict` when it added nothing. */
export function refuseConflict(result: InsertResult): void {
  if (result.numInsertedOrUpdatedRows !== 1n) throw storeProblem("store/conflict");
}
