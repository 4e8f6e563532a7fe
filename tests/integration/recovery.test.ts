/** Two people bring a transfer back through the command line, against a running instance with its real key service. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  removeFolder,
  runCli,
  type RunningInstance,
  setUp,
  startInstance,
  temporaryFolder,
} from "@safeconduct/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { joinWithCode } from "./joining-device.ts";

let root: string;
let instance: RunningInstance;
let token: string;
const folder = (name: string) => join(root, name);
beforeAll(async () => {
  root = await temporaryFolder();
  instance = await startInstance({ home: folder("home") });
  token = (await setUp(instance, folder("desk"))).apiToken;
});
afterAll(async () => {
  await instance.stop();
  await removeFolder(root);
});

const origin = () => new URL(instance.portal).origin;
const cli = (config: string, ...args: string[]) =>
  runCli([...args, "--json"], { config: folder(config), answer: async () => token });
const codeOf = ({ json }: Awaited<ReturnType<typeof cli>>) => (json["error"] as { code: string } | undefined)?.code;
const types = async (transfer: string) => {
  const path = folder("certificate.json");
  await cli("clinic", "certificate", transfer, "--out", path);
  const verified = await cli("clinic", "certificate", "verify", path);
  expect(verified.exitCode, verified.errors).toBe(0);
  const { entries } = JSON.parse(await readFile(path, "utf8")) as { entries: { event: { type: string } | null }[] };
  return entries.map(({ event }) => event?.type ?? "").filter((type) => type.startsWith("recovery/"));
};

test("who has lost every device gets the files back with a second device and two cards, until they are shredded", async () => {
  const cards = folder("cards");
  const made = await cli("desk", "recovery-cards", "--count", "3", "--out", cards);
  expect(made.exitCode, made.errors).toBe(0);
  expect((await stat(join(cards, "recovery-card-2.txt"))).mode & 0o777).toBe(0o600);
  const texts = await Promise.all([1, 2, 3].map((n) => readFile(join(cards, `recovery-card-${n}.txt`), "utf8")));
  expect(codeOf(await cli("desk", "recovery-cards", "--out", cards))).toBe("cli/unwritable-folder");

  await writeFile(folder("findings.txt"), "none of concern");
  const sending = ["send", folder("findings.txt"), "--to", "a@b.example", "--purpose", "TREAT", "--public"];
  const { transfer } = (await cli("desk", ...sending)).json as { transfer: string };

  // Every device is lost; the member begins anew, and lets a colleague's computer in as a second device.
  const anew = await cli("clinic", "login", origin(), "--start-over");
  expect(anew.exitCode, anew.errors).toBe(0);
  const approve = (code: string) => cli("clinic", "device", "approve", code);
  const joined = await joinWithCode(origin(), { config: folder("helper"), name: "helper", token, approve });
  expect(joined.exitCode, joined.errors).toBe(0);
  expect(codeOf(await cli("clinic", "open", transfer))).toBe("client/not-genuine");

  const asked = await cli("clinic", "recover", transfer);
  const { recovery, isApproved } = asked.json as { recovery: string; isApproved: boolean };
  expect(isApproved, asked.errors).toBe(false);
  expect(codeOf(await cli("clinic", "recover", "--approve", recovery))).toBe("recovery/same-person");
  expect((await cli("clinic", "recover", transfer)).json["recovery"]).toBe(recovery);
  const agreed = await cli("helper", "recover", "--approve", recovery);
  expect(agreed.exitCode, agreed.errors).toBe(0);

  const recover = async (...given: (string | undefined)[]) => {
    await writeFile(folder("typed.txt"), given.join("\n"));
    return cli("clinic", "recover", transfer, "--out", folder("back"), "--cards-file", folder("typed.txt"));
  };
  expect(codeOf(await recover(texts[1]))).toBe("client/bad-card");
  expect(codeOf(await recover(texts[1], texts[1]))).toBe("client/same-card");
  const back = await recover(texts[2], texts[0]);
  expect(back.exitCode, back.errors).toBe(0);
  expect(back.json["isOwnSeal"]).toBe(false);
  expect(await readFile(join(folder("back"), "findings.txt"), "utf8")).toBe("none of concern");
  expect(await types(transfer)).toEqual(["recovery/requested", "recovery/approved", "recovery/released"]);

  // The new devices know nothing of the old one, so its key is theirs only by its fingerprint.
  expect(codeOf(await cli("clinic", ...sending))).toBe("client/recovery-key-new");
  const { fingerprint } = made.json as { fingerprint: string };
  expect((await cli("clinic", "recovery-cards", "--accept", fingerprint)).exitCode).toBe(0);
  expect((await cli("clinic", ...sending)).exitCode).toBe(0);

  const again = (await cli("clinic", "recover", transfer)).json as { recovery: string };
  expect((await cli("helper", "recover", "--approve", again.recovery)).exitCode).toBe(0);
  expect((await cli("clinic", "revoke", transfer)).exitCode).toBe(0);
  expect(codeOf(await recover(texts[0], texts[1]))).toBe("transfer/not-active");
  expect(await readdir(folder("back"))).toEqual(["findings.txt"]);
  const log = await cli("clinic", "log", "verify");
  expect(log.exitCode, log.errors).toBe(0);
});
