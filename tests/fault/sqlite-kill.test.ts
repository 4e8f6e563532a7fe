/** kill -9 at any moment: whatever was acknowledged is there, the ledger has no gap, the lock is free. */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@safeconduct/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";

const KILLS = 12;
const WRITER = join(import.meta.dirname, "sqlite-writer.ts");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kill-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("nothing that was acknowledged is lost by a dozen kills", async () => {
  const file = join(folder, "safeconduct.db");
  const acknowledged = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill++) {
    const output = await runAndKill(file, randomInt(1, 400));
    // A line cut short by the kill was never heard by anybody.
    for (const line of output.slice(0, output.lastIndexOf("\n") + 1).split("\n")) {
      const [number, id] = line.split(" ");
      if (number !== undefined && id !== undefined) acknowledged.set(id, Number(number));
    }
    const { store } = await openSqlite({ file });
    await store.transaction((tx) => tx.sequenceEvents(1_000_000));
    const leaves = await store.read((view) => view.leavesFrom(0, 1_000_000));
    const stored = new Set<string>(leaves.map((event) => event.id));
    expect([...acknowledged.keys()].filter((id) => !stored.has(id))).toEqual([]);
    expect(leaves.every((event, index) => event.index === index)).toBe(true);
    await store.close();
  }
  const numbers = [...acknowledged.values()];
  expect(numbers.length).toBeGreaterThan(KILLS);
  expect(new Set(numbers).size).toBe(numbers.length);
});

/** Starts the writer and kills it once it has acknowledged `lines` commits, wherever it then is. */
async function runAndKill(file: string, lines: number): Promise<string> {
  const writer = spawn(process.execPath, [WRITER, file], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let heard = 0;
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    heard += text.split("\n").length - 1;
    if (heard >= lines) writer.kill("SIGKILL");
  });
  const [, signal] = (await once(writer, "close")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return output;
}
