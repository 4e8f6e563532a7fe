/** Accounts on both databases, in the file and on the server that the product itself opens. */
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyBytes, drawId } from "@safeconduct/foundation";
import { migrateIdentity, sqlIdentity } from "@safeconduct/identity-sql";
import { openPostgres } from "@safeconduct/postgres";
import { type OpenSqlite, openSqlite } from "@safeconduct/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticatorCode } from "../../testkit/src/authenticator.ts";
import { type IdentityHost, identitySuite } from "../../testkit/src/identity-suite.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../../testkit/src/postgres-server.ts";

const random = { bytes: (length: number) => copyBytes(randomBytes(length)) };
const clock = { now: () => Date.UTC(2026, 0, 5), monotonic: () => 0 };
const PERSON = { address: "ann@example.org", name: "Ann", password: "orbit velvet cactus 7" };

type OpenDatabase = Pick<OpenSqlite, "db" | "close">;

interface Place {
  open(): Promise<OpenDatabase>;
  remove(): Promise<void>;
}

describe("accounts on SQLite", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "safeconduct-identity-"));
    const { close } = await openSqlite({ file: join(folder, "empty.db") });
    await close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  suites(() => sqlitePlace(join(folder, "empty.db")));
});

const missing = postgresMissing();
describe.skipIf(missing !== null)(`accounts on PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  suites(() => postgresPlace(server));

  // On SQLite the one connection cannot be had by anybody else at that point.
  it("does not confirm an authenticator that is replaced while the code of the old one is checked", () =>
    within(
      () => postgresPlace(server),
      async ({ open }) => {
        const { db } = await open();
        await migrateIdentity(db);
        const options = { key: randomBytes(32), issuer: "Safeconduct", clock, random };
        const member = drawId("member", random);
        const identity = sqlIdentity({ ...options, db });
        const { secret } = await identity.enrol({ ...PERSON, member });
        const replacing = interrupted(db, () => identity.enrol({ ...PERSON, member }));
        const code = authenticatorCode(secret, clock.now());
        const confirming = sqlIdentity({ ...options, db: replacing });
        expect(await confirming.confirmAuthenticator({ member, code })).toBe(false);
      },
    ));

  // SQLite has no such case: the data folder has one process, which holds its lock.
  it("migrates once when several processes start at the same moment", () =>
    within(
      () => postgresPlace(server),
      async ({ open }) => {
        const opened = await Promise.all([open(), open(), open()]);
        await Promise.all(opened.map(({ db }) => migrateIdentity(db)));
        const member = drawId("member", random);
        const options = { key: randomBytes(32), issuer: "Safeconduct", clock, random };
        for (const { db } of opened) {
          const enrolled = sqlIdentity({ ...options, db }).enrol({ ...PERSON, member });
          await expect(enrolled).resolves.toHaveProperty("secret");
        }
      },
    ));
});

/** A handle that runs `meanwhile` once, after the first rows were read and before anything is done with them. */
function interrupted(db: OpenDatabase["db"], meanwhile: () => Promise<unknown>): OpenDatabase["db"] {
  let isFirst = true;
  return db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return result;
    },
  });
}

function suites(makePlace: () => Promise<Place>): void {
  identitySuite(() => host(makePlace));

  it("does the same work in the database for a stranger, whatever is wrong", () =>
    within(makePlace, async ({ open }) => {
      const statements: string[] = [];
      const { db } = await open();
      await migrateIdentity(db);
      const recorded = db.withPlugin({
        transformQuery: ({ node }) => {
          statements.push(node.kind);
          return node;
        },
        transformResult: async ({ result }) => result,
      });
      const identity = sqlIdentity({ db: recorded, key: randomBytes(32), issuer: "Safeconduct", clock, random });
      const member = drawId("member", random);
      const { secret } = await identity.enrol({ ...PERSON, member });
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(secret, clock.now()) })).toBe(true);
      await identity.enrol({ ...PERSON, address: "pending@example.org", member: drawId("member", random) });
      const work = async (attempt: { address?: string; password?: string }) => {
        statements.length = 0;
        expect(await identity.signIn({ ...PERSON, code: "000000", ...attempt })).toBeNull();
        return [...statements];
      };

      const wrongCode = await work({});
      expect(wrongCode).toEqual(["SelectQueryNode", "UpdateQueryNode"]);
      expect(await work({ password: "not the password at all" }), "wrong password").toEqual(wrongCode);
      expect(await work({ address: "nobody@example.org" }), "unknown address").toEqual(wrongCode);
      expect(await work({ address: "pending@example.org" }), "not confirmed").toEqual(wrongCode);
      for (let i = 0; i < 3; i++) await work({});
      expect(await work({}), "while the account waits").toEqual(wrongCode);
    }));

  it("keeps its tables from start to start", () =>
    within(makePlace, async ({ open }) => {
      const options = { key: randomBytes(32), issuer: "Safeconduct", clock, random };
      const member = drawId("member", random);
      const first = await open();
      await migrateIdentity(first.db);
      const { secret } = await sqlIdentity({ ...options, db: first.db }).enrol({ ...PERSON, member });
      await first.close();
      const second = await open();
      await migrateIdentity(second.db);
      const identity = sqlIdentity({ ...options, db: second.db });
      expect(await identity.confirmAuthenticator({ member, code: authenticatorCode(secret, clock.now()) })).toBe(true);
    }));

  it("refuses a database whose rows were sealed under another key", () =>
    within(makePlace, async ({ open }) => {
      const { db } = await open();
      await migrateIdentity(db);
      const options = { db, issuer: "Safeconduct", clock, random };
      const member = drawId("member", random);
      await sqlIdentity({ ...options, key: randomBytes(32) }).enrol({ ...PERSON, member });
      const other = sqlIdentity({ ...options, key: randomBytes(32) });
      await expect(other.confirmAuthenticator({ member, code: "000000" })).rejects.toThrow(
        "unable to authenticate data",
      );
    }));
}

async function host(makePlace: () => Promise<Place>): Promise<IdentityHost> {
  const place = await makePlace();
  const key = randomBytes(32);
  let opened: OpenDatabase | null = null;
  return {
    async open(ports) {
      await opened?.close();
      opened = await place.open();
      await migrateIdentity(opened.db);
      return sqlIdentity({ db: opened.db, key, issuer: "Safeconduct", ...ports });
    },
    async contents() {
      if (opened === null) return "";
      const { db } = opened;
      const tables = await db.introspection.getTables();
      // Tables of others too: nothing of an account may show up in them.
      const rows = tables.map(({ name }) =>
        db
          .selectFrom(name as "members")
          .selectAll()
          .execute(),
      );
      return JSON.stringify(await Promise.all(rows));
    },
    async close() {
      await opened?.close();
      await place.remove();
    },
  };
}

/** One test in a place of its own; what it opened is closed, and the place removed, however it ends. */
async function within(makePlace: () => Promise<Place>, test: (place: Pick<Place, "open">) => Promise<void>) {
  const place = await makePlace();
  const opened: OpenDatabase[] = [];
  try {
    await test({
      async open() {
        const database = await place.open();
        opened.push(database);
        return database;
      },
    });
  } finally {
    for (const database of opened) await database.close();
    await place.remove();
  }
}

/** A copy of one empty database that the product made: making it takes longer than most tests. */
async function sqlitePlace(emptyFile: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "safeconduct-identity-"));
  const file = join(folder, "safeconduct.db");
  copyFileSync(emptyFile, file);
  return {
    open: () => openSqlite({ file }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** One database for all tests, because making one takes longer than most of them: each leaves it without our tables. */
async function postgresPlace({ connection }: PostgresServer): Promise<Place> {
  const onError = (error: Error) => {
    throw error;
  };
  const open = () => openPostgres({ connection, onError });
  return {
    open,
    async remove() {
      const { db, close } = await open();
      const tables = (await db.introspection.getTables()).filter(({ name }) => name.startsWith("identity_"));
      for (const { name } of tables) await db.schema.dropTable(name).execute();
      await close();
    },
  };
}
