/**
 * Kysely over node:sqlite: one connection, used by one task at a time in the order of asking.
 * Kysely's own driver begins transactions as DEFERRED, which can fail half way when a lock is missing, and its queue
 * wakes every waiter at each turn.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/** Statements kept prepared for each connection; the store has fewer than a hundred. */
const STATEMENT_LIMIT = 512;

/** `begin` is the statement that opens a transaction on this connection. */
export function sqliteDialect(database: DatabaseSync, begin: "begin" | "begin immediate"): Dialect {
  return {
    createAdapter: () => new QueuedSqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(database, begin),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class QueuedSqliteAdapter extends SqliteAdapter {
  /** Turns Kysely's queue off: the driver has its own. */
  override get supportsMultipleConnections(): true {
    return true;
  }
  override get supportsTransactionalDdl(): true {
    return true;
  }
}

class NodeSqliteDriver implements Driver {
  private readonly connection: NodeSqliteConnection;
  private readonly begin: string;
  private readonly waiting: (() => void)[] = [];
  private busy = false;

  constructor(database: DatabaseSync, begin: string) {
    this.connection = new NodeSqliteConnection(database);
    this.begin = begin;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.busy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy = true;
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.waiting.shift();
    // While someone waits the connection goes from hand to hand and is never free for a newcomer to take.
    if (next === undefined) this.busy = false;
    else next();
  }

  async beginTransaction(): Promise<void> {
    this.connection.execute(this.begin);
  }

  async commitTransaction(): Promise<void> {
    this.connection.execute("commit");
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after a full disk or an I/O error; a second ROLLBACK would hide that error.
    if (this.connection.isInTransaction) this.connection.execute("rollback");
  }

  /** After whoever holds or awaits the connection. */
  async destroy(): Promise<void> {
    await this.acquireConnection();
    this.connection.close();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, { readonly statement: StatementSync; readonly isReader: boolean }>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  get isInTransaction(): boolean {
    return this.database.isTransaction;
  }

  execute(sql: string): void {
    this.prepared(sql).statement.run();
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const parameters = query.parameters as readonly SQLInputValue[];
    const { statement, isReader } = this.prepared(query.sql);
    // The rows of node:sqlite have no prototype; the copy makes plain objects of them.
    if (isReader) return { rows: statement.all(...parameters).map((found) => ({ ...found }) as R) };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const statement = this.database.prepare(query.sql);
    for (const found of statement.iterate(...(query.parameters as readonly SQLInputValue[]))) {
      yield { rows: [{ ...found } as R] };
    }
  }

  close(): void {
    this.statements.clear();
    if (this.database.isOpen) this.database.close();
  }

  private prepared(sql: string): { readonly statement: StatementSync; readonly isReader: boolean } {
    const kept = this.statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.database.prepare(sql);
    const fresh = { statement, isReader: statement.columns().length > 0 };
    if (this.statements.size >= STATEMENT_LIMIT) this.statements.clear();
    this.statements.set(sql, fresh);
    return fresh;
  }
}
