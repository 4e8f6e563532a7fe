/** Migrating: step by step and at once give one schema, edited or unknown steps are refused, a failed step leaves nothing. */
import { DatabaseSync } from "node:sqlite";
import { type Database, migrate, type Migration, MIGRATIONS } from "@safeconduct/sql";
import { Kysely } from "kysely";
import { afterEach, expect, test } from "vitest";
import { sqliteDialect } from "./sqlite-dialect.ts";

const opened: DatabaseSync[] = [];
afterEach(() => {
  for (const database of opened.splice(0)) if (database.isOpen) database.close();
});

function emptyDatabase() {
  const database = new DatabaseSync(":memory:");
  opened.push(database);
  const db = new Kysely<Database>({ dialect: sqliteDialect(database, "begin immediate") });
  return {
    migrate: (migrations: readonly Migration[]) => db.transaction().execute((tx) => migrate(tx, "sqlite", migrations)),
    run: (sql: string) => database.exec(sql),
    rows: (sql: string) => database.prepare(sql).all(),
    schema: () => database.prepare("select type, name, tbl_name, sql from sqlite_schema order by name").all(),
    steps: () => database.prepare("select number, name, sha256 from schema_migrations order by number").all(),
  };
}

const LATER: readonly Migration[] = [
  { number: 2, name: "clinics have colours", statements: () => ["alter table organisations add column colour text"] },
  {
    number: 3,
    name: "colours are found",
    statements: () => ["create index organisations_of_colour on organisations (colour)"],
  },
].map((later) => ({ ...later, number: later.number - 2 + MIGRATIONS.length + 1 }));
const ALL = [...MIGRATIONS, ...LATER];

test("a database that grew step by step has the schema of a fresh one", async () => {
  const [grown, fresh] = [emptyDatabase(), emptyDatabase()];
  for (let count = 1; count <= ALL.length; count++) await grown.migrate(ALL.slice(0, count));
  await fresh.migrate(ALL);
  expect(grown.schema()).toEqual(fresh.schema());
  expect(grown.steps()).toEqual(fresh.steps());
});

test("events of before are found by who acted and how it ended, and erased ones by neither", async () => {
  const database = emptyDatabase();
  await database.migrate(MIGRATIONS.slice(0, 15));
  const bodies = [
    `'{"actor":{"id":"mem_a","kind":"member"},"outcome":"done"}'`,
    `'{"actor":{"id":"grt_a","kind":"recipient"},"outcome":"grant/code-refused"}'`,
    `'{"actor":{"kind":"system"},"outcome":"done"}'`,
    "null",
  ];
  for (const [index, body] of bodies.entries())
    database.run(`insert into events (id, type, at, body, leaf) values ('${index}', 'a/b', 1, ${body}, x'00')`);
  await database.migrate(MIGRATIONS);
  expect(database.rows("select member, outcome from events order by number").map((row) => ({ ...row }))).toEqual([
    { member: "mem_a", outcome: "done" },
    { member: null, outcome: "grant/code-refused" },
    { member: null, outcome: "done" },
    { member: null, outcome: null },
  ]);
});

test("migrating twice changes nothing", async () => {
  const database = emptyDatabase();
  await database.migrate(ALL);
  const before = [database.schema(), database.steps()];
  await database.migrate(ALL);
  expect([database.schema(), database.steps()]).toEqual(before);
});

test.each([
  ["a step that this program does not have", ALL, MIGRATIONS],
  ["an edited step", MIGRATIONS, MIGRATIONS.map((step) => ({ ...step, statements: () => ["select 1"] }))],
  ["a step under another number", MIGRATIONS, MIGRATIONS.map((step) => ({ ...step, number: step.number + 1 }))],
])("a database with %s is refused and left as it is", async (_claim, before, now) => {
  const database = emptyDatabase();
  await database.migrate(before);
  const schema = database.schema();
  await expect(database.migrate(now)).rejects.toMatchObject({ code: "store/schema-unknown" });
  expect(database.schema()).toEqual(schema);
});

test("a step that fails half way leaves the schema of before", async () => {
  const database = emptyDatabase();
  await database.migrate(MIGRATIONS);
  const before = [database.schema(), database.steps()];
  const broken: Migration = {
    number: MIGRATIONS.length + 1,
    name: "broken",
    statements: () => ["create table half (a integer)", "create table"],
  };
  await expect(database.migrate([...MIGRATIONS, broken])).rejects.toThrow("incomplete input");
  expect([database.schema(), database.steps()]).toEqual(before);
});
