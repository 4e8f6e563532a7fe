/** Floor 3: the schema and the `Store` port in SQL, shared by the adapters of SQLite and PostgreSQL. */
export { storeProblem, type StoreProblemCode } from "./errors.ts";
export { MIGRATIONS, migrate, type Migration } from "./migrations.ts";
export type { Database, SqlDialect } from "./schema.ts";
export { sqlStore, type TransactionRunner } from "./sql-store.ts";
