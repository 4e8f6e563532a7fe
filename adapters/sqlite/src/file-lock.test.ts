import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./file-lock.ts";
import { openSqlite } from "./open-sqlite.ts";

const OPEN = { code: "store/already-open" };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A process of its own that holds the folder until it is ended. */
async function holder() {
  const script = `
    const { lockFolder } = await import(${JSON.stringify(new URL("./file-lock.ts", import.meta.url).href)});
    lockFolder(${JSON.stringify(folder)});
    console.log("held");
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a folder is held once, and again after its release", () => {
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining(OPEN));
  lock.release();
  lock.release();
  lockFolder(folder).release();
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "a folder held by another process is refused until %s ends that process",
  async (signal) => {
    const child = await holder();
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining(OPEN));
    child.kill(signal);
    await once(child, "exit");
    lockFolder(folder).release();
  },
);

test("a folder that is not there is unwritable", () => {
  expect(() => lockFolder(join(folder, "gone"))).toThrow(expect.objectContaining({ code: "store/unwritable" }));
});

test("a folder that is a file is unwritable", () => {
  writeFileSync(join(folder, "letter"), "Dear colleague,");
  expect(() => lockFolder(join(folder, "letter"))).toThrow(expect.objectContaining({ code: "store/unwritable" }));
});

test("a lock that cannot be written is unwritable", () => {
  mkdirSync(join(folder, "instance.lock"));
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: "store/unwritable" }));
});

test("a database file is opened once", async () => {
  const file = join(folder, "a.db");
  const first = await openSqlite({ file });
  await expect(openSqlite({ file })).rejects.toMatchObject(OPEN);
  await first.close();
  await (await openSqlite({ file })).close();
});

test("a database whose opening fails is let go", async () => {
  const file = join(folder, "a.db");
  const first = await openSqlite({ file });
  await first.db.insertInto("schema_migrations").values({ number: 99, name: "later", sha256: "00" }).execute();
  await first.close();
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(openSqlite({ file })).rejects.toMatchObject({ code: "store/schema-unknown" });
  }
  lockFolder(folder).release();
});
