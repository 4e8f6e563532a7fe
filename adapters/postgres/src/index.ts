/** Floor 3: the database on PostgreSQL. */
export { openPostgres, type OpenPostgres, type PostgresConnection } from "./open-postgres.ts";
