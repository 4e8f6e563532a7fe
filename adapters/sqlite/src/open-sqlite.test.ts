import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeSuite } from "@safeconduct/testkit";
import { afterEach } from "vitest";
import { openSqlite } from "./open-sqlite.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

storeSuite("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sqlite-"));
  folders.push(folder);
  return (await openSqlite({ file: join(folder, "safeconduct.db") })).store;
});
