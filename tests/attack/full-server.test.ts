/** A server whose disk fills up: senders are told, what is there stays right, and ending a transfer still works and makes room. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
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

const RECIPIENT = "a.lindqvist@northlake-cardiology.example";
const MEGABYTE = 1024 * 1024;
const missing =
  process.platform !== "linux" || process.getuid?.() !== 0 ? "mounting a tmpfs needs Linux and root" : null;

let root = "";
let home = "";
let config = "";
let instance: RunningInstance;

describe.skipIf(missing !== null)(`a full server${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    root = await temporaryFolder();
    home = join(root, "home");
    config = join(root, "config");
    await mkdir(home);
    const made = spawnSync("mount", ["-t", "tmpfs", "-o", "size=160m", "tmpfs", home], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(made.stderr);
    instance = await startInstance({ home });
    await setUp(instance, config);
    for (const megabytes of [1, 50]) {
      await writeFile(join(root, `${megabytes}.bin`), Buffer.alloc(megabytes * MEGABYTE, megabytes));
    }
  });
  afterAll(async () => {
    await instance.stop();
    spawnSync("umount", [home]);
    await removeFolder(root);
  });

  const send = (megabytes: number) =>
    runCli(["send", join(root, `${megabytes}.bin`), "--to", RECIPIENT, "--purpose", "TREAT", "--public", "--json"], {
      config,
    });
  const blobFiles = async () =>
    (await readdir(join(home, "blobs"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

  test("says so, keeps nothing of what did not fit, and takes files again once there is room", async () => {
    const first = await send(50);
    expect(first.exitCode, first.errors).toBe(0);
    const held = (await blobFiles()).length;
    const second = await send(50);
    expect(second.json).toMatchObject({ error: { code: "storage/full" } });
    expect(second.exitCode).toBe(5);
    expect(await blobFiles()).toHaveLength(held);

    const { transfer, links } = first.json as { transfer: string; links: { link: string }[] };
    const received = await runCli(["receive", links[0]?.link ?? "", "--out", join(root, "out"), "--json"], {
      config: join(root, "stranger"),
      answer: () => mailedCode(instance, RECIPIENT),
    });
    expect(received.exitCode, received.errors).toBe(0);
    const revoked = await runCli(["revoke", transfer, "--json"], { config });
    expect(revoked.json).toMatchObject({ state: "destroyed" });
    expect((await send(50)).exitCode).toBe(0);
    expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
  });

  test("filled by something else to the last byte still starts no half-told act, and goes on after", async () => {
    spawnSync("dd", ["if=/dev/zero", `of=${join(home, "filler")}`, "bs=1M"]);
    const full = await send(1);
    expect(full.exitCode).not.toBe(0);
    expect(full.errors + full.output).toMatch(/full|cannot|wrong on our side/);
    spawnSync("rm", [join(home, "filler")]);
    expect((await send(1)).exitCode).toBe(0);
    expect((await runCli(["log", "verify", "--json"], { config })).json).toMatchObject({ valid: true });
  });
});
