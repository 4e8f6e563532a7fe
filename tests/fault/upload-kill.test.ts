/** A power cut in the middle of an upload: the sender's command goes on by itself, and nothing that was acknowledged is sent again. */
import { randomFillSync } from "node:crypto";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  mailedCode,
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededNumbers } from "./server-seed.ts";
import { storedParts } from "./stored-parts.ts";

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const SIZE_BYTES = 100 * 10 ** 6;
/** Parts that travel at the same time; only these may have arrived without the sender knowing. */
const LANES = 4;

let root: string;
let config: string;
let instance: RunningInstance;
beforeAll(async () => {
  root = await temporaryFolder();
  config = join(root, "config");
  instance = await startInstance({ home: join(root, "home") });
  await setUp(instance, config);
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

/** Polls within a bound, closely: a part takes some milliseconds. */
async function untilParts(count: number): Promise<ReadonlyMap<string, string>> {
  for (let tries = 0; ; tries++) {
    const parts = await storedParts(instance.home);
    if (parts.size >= count || tries > 20_000) return parts;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("an upload of 100 MB while the server is killed three times", () => {
  test("ends by itself with a link that opens to the same bytes; acknowledged parts are not sent again", async () => {
    const sample = join(root, "study.bin");
    await writeRandom(sample);
    const [first = 1, second = 4, third = 7] = seededNumbers("upload-kill", 3, 3).map(
      (value, at) => 1 + at * 3 + value,
    );

    const sending = runCli(["send", sample, "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], { config });
    const before: ReadonlyMap<string, string>[] = [];
    for (const count of [first, second, third]) {
      await untilParts(count);
      await instance.kill();
      before.push(await storedParts(instance.home));
      instance = await startInstance({ home: instance.home, port: instance.port });
    }
    const sent = await sending;
    expect(sent.exitCode, sent.errors).toBe(0);

    const after = await storedParts(instance.home);
    expect(after.size).toBeGreaterThanOrEqual(12);
    for (const [at, parts] of before.entries()) {
      expect(parts.size, `kill ${at + 1}`).toBeLessThan(after.size);
      const again = [...parts].filter(([name, fingerprint]) => after.get(name) !== fingerprint);
      expect(again.length, `kill ${at + 1}`).toBeLessThanOrEqual(LANES);
    }
    const kept = [...(before.at(-1) ?? [])].filter(([name, fingerprint]) => after.get(name) === fingerprint);
    expect(kept.length).toBeGreaterThanOrEqual(7 - LANES);
    expect(await readdir(join(instance.home, "blobs", "unfinished"))).toEqual([]);

    const out = join(root, "out");
    const { links } = sent.json as { links: { link: string }[] };
    const received = await runCli(["receive", links[0]?.link ?? "", "--out", out, "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(instance, RECIPIENT),
    });
    expect(received.exitCode, received.errors).toBe(0);
    expect((await readFile(join(out, "study.bin"))).equals(await readFile(sample))).toBe(true);
    expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
  });
});

async function writeRandom(path: string): Promise<void> {
  const handle = await open(path, "wx");
  const chunk = Buffer.alloc(10 * 10 ** 6);
  for (let written = 0; written < SIZE_BYTES; written += chunk.length) await handle.writeFile(randomFillSync(chunk));
  await handle.close();
}
