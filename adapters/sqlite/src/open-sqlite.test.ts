import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { anEvent, anOrganisation, storeSuite } from "@safeconduct/testkit";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenSqlite, openSqlite } from "./open-sqlite.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

storeSuite("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sqlite-"));
  folders.push(folder);
  return (await openSqlite({ file: join(folder, "safeconduct.db") })).store;
});

describe("an open SQLite database", () => {
  let file = "";
  let open: OpenSqlite;
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), "sqlite-"));
    folders.push(folder);
    file = join(folder, "safeconduct.db");
    open = await openSqlite({ file });
  });
  afterEach(async () => {
    await open.close();
  });
  const pragma = async (name: string) =>
    Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(open.db)).rows[0] ?? {})[0];

  test("brings each commit to the disk, keeps references and overwrites what it erases", async () => {
    expect(await pragma("journal_mode")).toBe("wal");
    expect(await pragma("synchronous")).toBe(2);
    expect(await pragma("foreign_keys")).toBe(1);
    expect(await pragma("secure_delete")).toBe(1);
    expect(await pragma("busy_timeout")).toBe(5000);
  });

  test("refuses work inside of its own work instead of waiting for ever", async () => {
    const nested = open.store.transaction(() => open.store.transaction(async () => "inner"));
    await expect(nested).rejects.toThrow("inside one of its own transactions");
    const readInside = open.store.transaction(() => open.store.read(async () => "inner"));
    await expect(readInside).rejects.toThrow("inside one of its own transactions");
    expect(await open.store.transaction(async () => "next")).toBe("next");
  });

  test("says that the disk is full, keeps nothing of that transaction and goes on", async () => {
    const pages = Number(await pragma("page_count"));
    await pragma(`max_page_count = ${pages + 20}`);
    const small = anOrganisation();
    const attempt = open.store.transaction(async (tx) => {
      await tx.addOrganisation(small);
      await tx.addEvent(anEvent({ leaf: new Uint8Array(1 << 20) }));
    });
    await expect(attempt).rejects.toMatchObject({ code: "store/full" });
    expect(await open.store.read((view) => view.organisation(small.id))).toBeNull();
    await open.store.transaction((tx) => tx.addOrganisation(small));
    expect(await open.store.read((view) => view.organisation(small.id))).toEqual(small);
  });

  test("runs work of the handle and of the store one after the other", async () => {
    const organisation = anOrganisation();
    const [, count] = await Promise.all([
      open.store.transaction((tx) => tx.addOrganisation(organisation)),
      open.db
        .selectFrom("organisations")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow(),
    ]);
    expect(count).toEqual({ count: 1 });
  });

  test("waits with closing for the work that has begun", async () => {
    const organisation = anOrganisation();
    const working = open.store.transaction((tx) => tx.addOrganisation(organisation));
    await open.close();
    await working;
    open = await openSqlite({ file });
    expect(await open.store.read((view) => view.organisation(organisation.id))).toEqual(organisation);
  });

  test("leaves one file behind, without a log beside it", async () => {
    await open.store.transaction((tx) => tx.addOrganisation(anOrganisation()));
    await open.close();
    expect(readdirSync(dirname(file)).toSorted()).toEqual(["safeconduct.db", "safeconduct.db.lock"]);
  });

  test.skipIf(process.platform === "win32")(
    "lets nobody else on the machine read it (skipped on Windows)",
    async () => {
      await open.store.transaction((tx) => tx.addOrganisation(anOrganisation()));
      for (const name of readdirSync(dirname(file))) {
        expect(statSync(join(dirname(file), name)).mode & 0o077).toBe(0);
      }
    },
  );

  test("a file that is no database is refused and stays as it is", async () => {
    const other = join(dirname(file), "letter.db");
    writeFileSync(other, "Dear colleague, ".repeat(100));
    await expect(openSqlite({ file: other })).rejects.toMatchObject({ code: "store/damaged" });
    expect(statSync(other).size).toBe(1600);
  });
});
