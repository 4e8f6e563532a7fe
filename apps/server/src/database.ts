/** The database of the settings: SQLite in the data folder, or PostgreSQL. */
import { isProblem } from "@safeconduct/foundation";
import { openPostgres, type PostgresConnection } from "@safeconduct/postgres";
import { openSqlite, type OpenSqlite } from "@safeconduct/sqlite";
import { EXIT, StartFailure } from "./exit.ts";
import { failureKind, type Log } from "./log.ts";

/** `file` is SQLite's. Throws {@link StartFailure} and Problems `store/…`. */
export async function openDatabase(
  connection: PostgresConnection | null,
  file: string,
  log: Log,
): Promise<Pick<OpenSqlite, "store" | "db">> {
  if (connection === null) return openSqlite({ file });
  try {
    return await openPostgres({
      connection,
      onError: (error) => log({ event: "database/disconnected", failure: failureKind(error) }),
    });
  } catch (error) {
    if (isProblem(error)) throw error;
    // Only the code: messages of the driver and the database name hosts, users and what was asked.
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new StartFailure(
      EXIT.unavailable,
      `The PostgreSQL database of the configuration cannot be reached or used${code}. Check that it runs and that the configuration names host, user, database and password rightly.`,
    );
  }
}
