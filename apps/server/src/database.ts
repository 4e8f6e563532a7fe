/** The database of the options: SQLite in the data folder, or a PostgreSQL that a file describes. */
import { readFile } from "node:fs/promises";
import { isProblem } from "@safeconduct/foundation";
import { openPostgres } from "@safeconduct/postgres";
import { openSqlite, type OpenSqlite } from "@safeconduct/sqlite";
import { z } from "zod";
import { EXIT, StartFailure } from "./exit.ts";
import { failureKind, type Log } from "./log.ts";
import type { ServerOptions } from "./options.ts";

const postgresFile = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(5432),
  user: z.string().min(1),
  database: z.string().min(1),
  password: z.string().optional(),
  tlsAuthority: z.string().optional(),
});

/** `file` is SQLite's. Throws {@link StartFailure} and Problems `store/…`. */
export async function openDatabase(
  { postgresFile: path }: Pick<ServerOptions, "postgresFile">,
  file: string,
  log: Log,
): Promise<Pick<OpenSqlite, "store" | "db">> {
  if (path === null) return openSqlite({ file });
  const { data } = postgresFile.safeParse(
    await readFile(path, "utf8")
      .then(JSON.parse)
      .catch(() => null),
  );
  if (data === undefined) {
    throw new StartFailure(
      EXIT.usage,
      `The file ${path} does not describe a PostgreSQL database: JSON with host, port, user, database and, where needed, password and tlsAuthority.`,
    );
  }
  const { password, tlsAuthority, ...address } = data;
  const connection = {
    ...address,
    ...(password === undefined ? {} : { password }),
    ...(tlsAuthority === undefined ? {} : { tlsAuthority }),
  };
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
      `The PostgreSQL database of ${path} cannot be reached or used${code}. Check that it runs and that the file names host, user, database and password rightly.`,
    );
  }
}
