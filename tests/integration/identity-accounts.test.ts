/** Accounts on both databases, as they will run: a file with WAL and full fsync, and a real PostgreSQL. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { copyBytes, drawId } from "@safeconduct/foundation";
import { type IdentityTables, migrateIdentity, sqlIdentity } from "@safeconduct/identity-better-auth";
import { Kysely, PostgresDialect, sql, SqliteDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IdentityHost, identitySuite } from "../../testkit/src/identity-suite.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../../testkit/src/postgres-server.ts";

const random = { bytes: (length: number) => copyBytes(randomBytes(length)) };

interface Database {
  connect(statements?: string[]): Kysely<IdentityTables>;
  drop(): Promise<void>;
}

describe("accounts on SQLite", () => both(sqliteDatabase));

const missing = postgresMissing();
describe.skipIf(missing !== null)(`accounts on PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  both(() => postgresDatabase(server));

  // SQLite has no such case: the data folder has one process, which holds its lock.
  it("migrates once when several processes start at the same moment", async () => {
    const database = await postgresDatabase(server);
    const handles = [database.connect(), database.connect(), database.connect()];
    await Promise.all(handles.map((db) => migrateIdentity(db)));
    expect(await handles[0]?.selectFrom("identity_decoy").selectAll().execute()).toHaveLength(1);
    for (const db of handles) await db.destroy();
    await database.drop();
  });
});

function both(makeDatabase: () => Promise<Database>): void {
  identitySuite(() => host(makeDatabase));

  it("answers a stranger after the same statements, whatever is wrong", async () => {
    const database = await makeDatabase();
    const statements: string[] = [];
    const db = database.connect(statements);
    await migrateIdentity(db);
    const clock = { now: () => Date.UTC(2026, 0, 5), monotonic: () => 0 };
    const identity = sqlIdentity({ db, key: randomBytes(32), issuer: "Safeconduct", clock, random });
    const password = "orbit velvet cactus 7";
    const person = { address: "ann@example.org", name: "Ann", password };
    await identity.enrol({ ...person, member: drawId("member", random) });
    await db.updateTable("identity_account").set({ confirmed_at: clock.now() }).execute();
    await identity.enrol({ ...person, address: "pending@example.org", member: drawId("member", random) });
    const shape = async (attempt: { address: string; password: string }) => {
      statements.length = 0;
      expect(await identity.signIn({ ...attempt, code: "000000" })).toBeNull();
      return statements.map((statement) => statement.split(" ")[0]);
    };
    const known = "ann@example.org";
    const wrongCode = await shape({ address: known, password });
    expect(wrongCode).toEqual(["select", "update"]);
    expect(await shape({ address: known, password: "not the password at all" })).toEqual(wrongCode);
    expect(await shape({ address: "nobody@example.org", password })).toEqual(wrongCode);
    expect(await shape({ address: "pending@example.org", password }), "not confirmed").toEqual(wrongCode);
    for (let i = 0; i < 3; i++) await shape({ address: known, password });
    expect(await shape({ address: known, password }), "while it waits").toEqual(wrongCode);
    await db.destroy();
    await database.drop();
  });

  it("migrates once, however often it starts", async () => {
    const database = await makeDatabase();
    const db = database.connect();
    await migrateIdentity(db);
    await migrateIdentity(db);
    expect(await db.selectFrom("identity_decoy").selectAll().execute()).toHaveLength(1);
    await db.destroy();
    await database.drop();
  });

  it("refuses a database whose rows were sealed under another key", async () => {
    const database = await makeDatabase();
    const db = database.connect();
    await migrateIdentity(db);
    const clock = { now: () => Date.UTC(2026, 0, 5), monotonic: () => 0 };
    const options = { db, issuer: "Safeconduct", clock, random };
    const member = drawId("member", random);
    const person = { member, address: "ann@example.org", name: "Ann", password: "orbit velvet cactus 7" };
    await sqlIdentity({ ...options, key: randomBytes(32) }).enrol(person);
    const other = sqlIdentity({ ...options, key: randomBytes(32) });
    await expect(other.confirmAuthenticator({ member, code: "000000" })).rejects.toThrow();
    await db.destroy();
    await database.drop();
  });
}

async function host(makeDatabase: () => Promise<Database>): Promise<IdentityHost> {
  const database = await makeDatabase();
  const key = randomBytes(32);
  let db: Kysely<IdentityTables> | null = null;
  return {
    async open(ports) {
      await db?.destroy();
      db = database.connect();
      await migrateIdentity(db);
      return sqlIdentity({ db, key, issuer: "Safeconduct", ...ports });
    },
    async contents() {
      const tables = (await db?.introspection.getTables()) ?? [];
      const rows = await Promise.all(
        tables.map(async ({ name }) => (db ? (await sql`select * from ${sql.table(name)}`.execute(db)).rows : [])),
      );
      return JSON.stringify(rows);
    },
    async close() {
      await db?.destroy();
      await database.drop();
    },
  };
}

async function sqliteDatabase(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "safeconduct-identity-"));
  return {
    connect(statements) {
      const file = new DatabaseSync(join(folder, "accounts.db"), { timeout: 5000 });
      file.exec("pragma journal_mode = wal; pragma synchronous = full");
      const database = {
        close: () => file.close(),
        prepare(text: string) {
          const statement = file.prepare(text);
          const parameters = (values: readonly unknown[]) => values as (string | number | null)[];
          return {
            reader: statement.columns().length > 0,
            all: (values: readonly unknown[]) => statement.all(...parameters(values)),
            iterate: (values: readonly unknown[]) => statement.iterate(...parameters(values)),
            run: (values: readonly unknown[]) => statement.run(...parameters(values)),
          };
        },
      };
      return new Kysely<IdentityTables>({ dialect: new SqliteDialect({ database }), ...recording(statements) });
    },
    async drop() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postgresDatabase(server: PostgresServer): Promise<Database> {
  const name = `identity_${randomBytes(8).toString("hex")}`;
  const administer = async (statement: string) => {
    const client = new pg.Client(server.connection);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await administer(`create database ${name}`);
  return {
    connect(statements) {
      const pool = new pg.Pool({ ...server.connection, database: name, max: 8 });
      return new Kysely<IdentityTables>({ dialect: new PostgresDialect({ pool }), ...recording(statements) });
    },
    // Not "with (force)": PostgreSQL waits for connections that are just closing, and force would make them errors.
    drop: () => administer(`drop database ${name}`),
  };
}

function recording(statements: string[] | undefined) {
  return statements === undefined
    ? {}
    : { log: (event: { query: { sql: string } }) => void statements.push(event.query.sql) };
}
