/** The store's acceptance suite on a real PostgreSQL, and what only a database with several servers can get wrong. */
import { openPostgres, type OpenPostgres } from "@safeconduct/postgres";
import { MIGRATIONS } from "@safeconduct/sql";
import { anEvent, storeSuite } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresMissing, type PostgresServer, startPostgres } from "../../testkit/src/postgres-server.ts";

/** In the order in which they can be emptied. */
const TABLES = [
  "instance",
  "factors",
  "recoveries",
  "recovery_keys",
  "holds",
  "verifications",
  "codes",
  "release_keys",
  "grants",
  "parts",
  "transfers",
  "member_key_wraps",
  "member_statements",
  "device_requests",
  "devices",
  "tokens",
  "member_passkeys",
  "passkey_challenges",
  "sessions",
  "invitations",
  "members",
  "organisations",
  "jobs",
  "events",
] as const;
/** A step that this program does not have yet. */
const LATER = MIGRATIONS.length + 1;
const missing = postgresMissing();

describe.skipIf(missing !== null)(`PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  const open = (): Promise<OpenPostgres> =>
    openPostgres({
      connection: server.connection,
      onError: (error) => {
        throw error;
      },
    });
  const dropTables = async () => {
    const { db, close } = await open();
    for (const table of [...TABLES, "schema_migrations"]) await db.schema.dropTable(table).execute();
    await close();
  };

  storeSuite("PostgreSQL", async () => {
    const { db, store } = await open();
    // One database for the whole suite: to make one takes ten times as long as to empty it.
    await db.transaction().execute(async (tx) => {
      for (const table of TABLES) await tx.deleteFrom(table).execute();
    });
    return store;
  });

  test("two servers that start at once on an empty database migrate it once", async () => {
    await dropTables();
    const both = await Promise.all([open(), open()]);
    const steps = await both[0].db.selectFrom("schema_migrations").select("number").execute();
    expect(steps).toEqual(MIGRATIONS.map(({ number }) => ({ number })));
    for (const one of both) await one.close();
  });

  test("two servers that sequence at once leave no gap and give no index twice", async () => {
    await dropTables();
    const [one, two] = await Promise.all([open(), open()]);
    const ids = new Set<string>();
    const addSome = async (from: OpenPostgres) => {
      for (let turn = 0; turn < 15; turn++) {
        const event = anEvent();
        ids.add(event.id);
        await from.store.transaction((tx) => tx.addEvent(event));
        await from.store.transaction((tx) => tx.sequenceEvents(3));
      }
    };
    await Promise.all([addSome(one), addSome(two), addSome(one), addSome(two)]);
    while ((await one.store.transaction((tx) => tx.sequenceEvents(100))).length > 0);
    const leaves = await two.store.read((view) => view.leavesFrom(0, 1000));
    expect(leaves.map((event) => event.index)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(new Set(leaves.map((event) => event.id))).toEqual(ids);
    await one.close();
    await two.close();
  });

  test("a database of a newer version is refused and left as it is", async () => {
    await dropTables();
    const older = await open();
    await older.db.insertInto("schema_migrations").values({ number: LATER, name: "later", sha256: "00" }).execute();
    await expect(open()).rejects.toMatchObject({ code: "store/schema-unknown" });
    expect(await older.db.selectFrom("schema_migrations").select("number").orderBy("number").execute()).toHaveLength(
      LATER,
    );
    await older.db.deleteFrom("schema_migrations").where("number", "=", LATER).execute();
    await older.close();
  });
});
