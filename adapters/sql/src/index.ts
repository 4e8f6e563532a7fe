/** Floor 3: the schema and the `Store` port in SQL, shared by the adapters of SQLite and PostgreSQL. */
export { storeProblem, type StoreProblemCode } from "./errors.ts";
export type { Migration } from "./migration.ts";
export { MIGRATIONS, migrate } from "./migrations.ts";
export type { Database, SqlDialect } from "./schema.ts";
export { sqlStore, type TransactionRunner } from "./sql-store.ts";
