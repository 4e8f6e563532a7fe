/** Two hundred seeded interleavings of a revocation with releases of the same link, on both real databases. */
import { join } from "node:path";
import type { Store } from "@safeconduct/exchange";
import { openPostgres } from "@safeconduct/postgres";
import { openSqlite } from "@safeconduct/sqlite";
import { removeFolder, temporaryFolder } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresMissing, type PostgresServer, startPostgres } from "../../testkit/src/postgres-server.ts";
import { cappedReleases, Races } from "./revoke-races.ts";

const INTERLEAVINGS = 200;
/** Two in five went wrong before the two were put in one order. */
const CAPPED_ROUNDS = 15;
const missing = postgresMissing();

async function playAll({ store, close }: { store: Store; close(): Promise<void> }): Promise<Races> {
  try {
    const races = new Races(store);
    await races.open();
    for (let seed = 1; seed <= INTERLEAVINGS; seed++) await races.play(seed);
    await races.verifyWhole();
    return races;
  } finally {
    await close();
  }
}

/** It went both ways, and in some a release was under way and lost. */
function expectBothWays({ seen }: Races): void {
  expect(Math.min(seen.before, seen.after, seen.refused)).toBeGreaterThan(INTERLEAVINGS / 20);
}

describe("on SQLite", () => {
  let root: string;
  beforeAll(async () => {
    root = await temporaryFolder();
  });
  afterAll(() => removeFolder(root));

  test("nothing is released after a revocation was answered, and every key has one outcome", {
    timeout: 300_000,
  }, async () => {
    const races = await playAll(await openSqlite({ file: join(root, "races.sqlite") }));
    expect(races.breaches).toEqual([]);
    expectBothWays(races);
  });
});

describe.skipIf(missing !== null)(`on PostgreSQL${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test("nothing is released after a revocation was answered, and every key has one outcome", {
    timeout: 300_000,
  }, async () => {
    const onError = (error: unknown) => {
      throw error;
    };
    const races = await playAll(await openPostgres({ connection: server.connection, onError }));
    expect(races.breaches).toEqual([]);
    expectBothWays(races);
  });

  test("a release past the cap stands before the revocation or is refused, in the ledger too", {
    timeout: 300_000,
  }, async () => {
    await server.run("create database capped");
    const connection = { ...server.connection, database: "capped" };
    const { store, close } = await openPostgres({ connection, onError: (error) => expect.fail(error.message) });
    try {
      const seen = new Set<string>();
      for await (const order of cappedReleases(store, CAPPED_ROUNDS)) {
        expect(order.slice(order.findIndex((type) => type.endsWith("/revoked")))).not.toContain("grant/released");
        for (const type of order) seen.add(type);
      }
      expect([...seen]).toEqual(expect.arrayContaining(["grant/released", "transfer/revoked"]));
    } finally {
      await close();
    }
  });
});
