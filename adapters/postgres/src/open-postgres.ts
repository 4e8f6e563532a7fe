/** The database for more than one process or more load than one writer takes: PostgreSQL 14 or newer. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import { type Database, migrate, sqlStore, storeProblem } from "@safeconduct/sql";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";

export interface OpenPostgres {
  readonly store: Store;
  /** The same pool, for what keeps its own tables in the same database. Never inside `store.transaction`. */
  readonly db: Kysely<Database>;
  /** Ends the pool after running work. The same as `store.close()`. */
  close(): Promise<void>;
}

export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  /** Certificate authorities (PEM) that the server's certificate must chain to. Without it the connection is not encrypted. */
  readonly tlsAuthority?: string;
}

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** A transaction awaits nothing but the database, so a statement or an idle transaction of this length is a fault. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** With the pauses below about four seconds in all. */
const ATTEMPT_LIMIT = 20;
const PAUSE_LIMIT_MS = 250;

/**
 * Connects and brings the schema up to date.
 * `onError` hears of connections that broke while idle; the next use makes a new one.
 * Rejects with Problem `store/schema-unknown`, or with the error of the connection.
 */
export async function openPostgres({
  connection,
  onError,
}: {
  connection: PostgresConnection;
  onError: (error: Error) => void;
}): Promise<OpenPostgres> {
  const { tlsAuthority, ...address } = connection;
  const pool = new pg.Pool({
    ...address,
    ...(tlsAuthority === undefined ? {} : { ssl: { ca: tlsAuthority, rejectUnauthorized: true } }),
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    types: plainTypes(),
  });
  pool.on("error", onError);
  // Of a connection that breaks while somebody has it, the pool hears nothing. Without a listener Node would end the process;
  // whoever has it is told by their own statement.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const close = () => db.destroy();
  const serializable = <T>(work: (tx: Kysely<Database>) => Promise<T>) =>
    reachable(() => repeated(() => db.transaction().setIsolationLevel("serializable").execute(work)));
  try {
    // Read committed: after waiting for another server's migration this one must see what that one did.
    await db
      .transaction()
      .setIsolationLevel("read committed")
      .execute((tx) => migrate(tx, "postgres"));
  } catch (error) {
    await close();
    throw error;
  }
  const store = sqlStore({
    dialect: "postgres",
    write: serializable,
    read: (work) =>
      reachable(() => db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only").execute(work)),
    // Old versions of rows go with VACUUM; what the server's own log and replicas still hold, its operator sees to.
    scrub: async () => void (await sql`vacuum events, grants, transfers`.execute(db)),
    close,
  });
  return { store, db, close };
}

/**
 * Runs again what PostgreSQL could not put into an order, after a pause of chance length so that the same two do not meet
 * again. Rejects with Problem `store/busy` when it never could.
 */
async function repeated<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (isFull(error)) throw storeProblem("store/full");
      if (!isOutOfOrder(error)) throw error;
      if (attempt === ATTEMPT_LIMIT) throw storeProblem("store/busy");
      await sleep(Math.random() * Math.min(2 ** attempt, PAUSE_LIMIT_MS));
    }
  }
}

/**
 * A connection that is refused, too slow or cut is `store/unavailable`. One that broke during the commit may have committed, so
 * nothing is tried again here.
 */
async function reachable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isAway(error) ? storeProblem("store/unavailable") : error;
  }
}

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK_DETECTED = "40P01";
const UNIQUE_VIOLATION = "23505";
const DISK_FULL = "53100";

/** Errors of https://www.postgresql.org/docs/current/errcodes-appendix.html that another attempt can get past. */
function isOutOfOrder(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  if (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK_DETECTED) return true;
  // Two sequencers gave the same index to two events from snapshots of before the other's commit.
  return error.code === UNIQUE_VIOLATION && error.constraint === "events_ledger_index_key";
}

/** Class 08 is the connection's, 57P01 to 57P05 a server that ends, starts or cuts off, 53300 one with too many connections. */
const AWAY = /^(08...|57P0[1-5]|53300)$/;
/** What node-postgres says, as plain errors without a code, when a connection ends or is not had in time. */
const AWAY_WORDS =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

function isAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.test(error.code ?? "");
  if (!(error instanceof Error)) return false;
  // Errors of a socket have the call that failed: connect, read, write.
  return "syscall" in error || AWAY_WORDS.test(error.message);
}

function isFull(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === DISK_FULL;
}

const { INT8, BYTEA } = pg.types.builtins;

/** Values as SQLite gives them: safe integers as numbers, bytes as plain `Uint8Array` with a buffer of their own. */
function plainTypes(): pg.CustomTypesConfig {
  const bufferOf = pg.types.getTypeParser(BYTEA) as (text: string) => Buffer;
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, safeInteger);
  types.setTypeParser(BYTEA, (text: string) => copyBytes(bufferOf(text)));
  return types;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError("a stored integer is over 2^53 − 1");
  return value;
}
