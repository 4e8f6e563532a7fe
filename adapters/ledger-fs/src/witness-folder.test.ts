import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { openWitnessFolder } from "./witness-folder.ts";

const scratch = mkdtempSync(join(tmpdir(), "witness-folder-"));
let made = 0;
const freshFolder = () => join(scratch, String(++made));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("what a witness remembers", () => {
  it("is there again after a restart, each log by itself, whatever its origin holds", async () => {
    const folder = freshFolder();
    const memory = await openWitnessFolder(folder);
    for (const origin of ["a.example/log", "../../etc/passwd", "a.example/log "]) {
      expect(await memory.read(origin)).toBeNull();
      await memory.write(origin, `checkpoint of ${origin}`);
      await memory.write(origin, `second checkpoint of ${origin}`);
      expect(await (await openWitnessFolder(folder)).read(origin)).toBe(`second checkpoint of ${origin}`);
    }
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it("is refused when it is no text, instead of beginning anew", async () => {
    const folder = freshFolder();
    const memory = await openWitnessFolder(folder);
    await memory.write("a.example/log", "text");
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), Buffer.of(0xff, 0xfe));
    await expect(memory.read("a.example/log")).rejects.toMatchObject({ code: "ledger/foreign-checkpoint" });
  });

  it("keeps the first of two contradictions", async () => {
    const folder = freshFolder();
    const memory = await openWitnessFolder(folder);
    await memory.keepConflict("a.example/log", "first");
    await memory.keepConflict("a.example/log", "second");
    const [name = ""] = readdirSync(folder);
    expect(readFileSync(join(folder, name), "utf8")).toBe("first");
  });

  it("is the old or the new checkpoint, whichever step of a write fails", async () => {
    const steps = ["write", "rename", "syncFolder"] as const;
    for (const step of steps) {
      const folder = freshFolder();
      await (await openWitnessFolder(folder)).write("a.example/log", "old");
      const memory = await openWitnessFolder(folder);
      const failing: FileSystem = {
        ...nodeFileSystem,
        makeFolder: async () => undefined,
        [step]: async (...args: [string, never]) => {
          if (args[0] === join(folder, "..")) return;
          throw Object.assign(new Error("disk"), { code: "EIO" });
        },
      };
      const broken = await openWitnessFolder(folder, failing);
      await expect(broken.write("a.example/log", "new")).rejects.toThrow("disk");
      expect(["old", "new"]).toContain(await memory.read("a.example/log"));
    }
  });
});
