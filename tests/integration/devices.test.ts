/** A member's devices through the command line, each in a folder of its own, against a running instance. */
import { readFile, stat, writeFile } from "node:fs/promises";
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
const answer = async () => token;
const cli = (config: string, ...args: string[]) => runCli([...args, "--json"], { config: folder(config), answer });
const account = async (config: string) =>
  JSON.parse(await readFile(join(folder(config), "account.json"), "utf8")) as {
    device: { device: string; memberKeys: unknown[] };
  };
const sends = async (config: string) => {
  await writeFile(folder("note.txt"), "a note");
  const sent = await cli(config, "send", folder("note.txt"), "--to", "a@b.example", "--purpose", "TREAT", "--public");
  return sent.exitCode === 0 ? "sends" : (sent.json["error"] as { code: string }).code;
};

const joinAs = (name: string, approve: (code: string) => Promise<unknown>) =>
  joinWithCode(origin(), { config: folder(name), name, token, approve });

test("a second device is let in by the first, sends, is removed, and a recovery key brings in a third", async () => {
  const alone = await cli("laptop", "login", origin());
  expect(alone.json["error"]).toMatchObject({ code: "device/join-required" });

  const joined = await joinAs("laptop", (code) => cli("desk", "device", "approve", code));
  expect(joined.exitCode, joined.errors).toBe(0);
  expect(await sends("laptop")).toBe("sends");
  expect((await account("laptop")).device.memberKeys).toEqual((await account("desk")).device.memberKeys);

  const listed = (await cli("desk", "device", "list")).json["devices"] as { device: string; name: string }[];
  expect(listed.map(({ name }) => name)).toEqual(["Command line", "laptop"]);

  const paper = folder("paper.txt");
  const made = await cli("laptop", "recovery-key", "--out", paper);
  expect(made.exitCode, made.errors).toBe(0);
  expect((await stat(paper)).mode & 0o777).toBe(0o600);

  const removed = await cli("desk", "device", "remove", listed[1]?.device ?? "");
  expect(removed.exitCode, removed.errors).toBe(0);
  expect(await sends("laptop")).toBe("client/device-removed");
  expect(await sends("desk")).toBe("sends");

  const found = await cli("found", "login", origin(), "--recovery-key-file", paper);
  expect(found.exitCode, found.errors).toBe(0);
  expect(await sends("found")).toBe("sends");
  expect((await account("found")).device.memberKeys).toHaveLength(2);
  expect((await cli("found", "device", "remove", (await account("desk")).device.device)).exitCode).toBe(0);
  expect(await sends("desk")).toBe("client/device-removed");

  const log = await cli("found", "log", "verify");
  expect(log.exitCode, log.errors).toBe(0);
});

test("what one device sent another gives to somebody else, and freshly to the same, without uploading", async () => {
  const joined = await joinAs("tablet", (code) => cli("found", "device", "approve", code));
  expect(joined.exitCode, joined.errors).toBe(0);
  await writeFile(folder("findings.txt"), "none of concern");
  const sent = await cli("found", "send", folder("findings.txt"), "--to", "a@b.example", "--purpose", "TREAT");
  const { transfer } = sent.json as { transfer: string };
  const receive = async (made: { link: string; passcode: string }, address: string) => {
    const out = folder(`out-${address}-${made.passcode}`);
    await writeFile(folder("passcode.txt"), made.passcode);
    const received = await runCli(
      ["receive", made.link, "--out", out, "--passcode-file", folder("passcode.txt"), "--json"],
      { config: folder("stranger"), answer: () => mailedCode(instance, address) },
    );
    return received.exitCode === 0 ? readFile(join(out, "findings.txt"), "utf8") : String(received.exitCode);
  };

  const added = await cli("tablet", "add", transfer, "--to", "second@b.example", "--expires", "2h");
  expect(added.exitCode, added.errors).toBe(0);
  expect(await receive(added.json as { link: string; passcode: string }, "second@b.example")).toBe("none of concern");

  const fresh = await cli("tablet", "relink", transfer, "a@b.example");
  expect(fresh.exitCode, fresh.errors).toBe(0);
  const [old] = (sent.json as { links: { link: string; passcode: string }[] }).links;
  expect(await receive(old ?? { link: "", passcode: "" }, "a@b.example")).toBe("3");
  expect(await receive(fresh.json as { link: string; passcode: string }, "a@b.example")).toBe("none of concern");

  const again = await cli("tablet", "open", transfer, "--out", folder("own"));
  expect(again.exitCode, again.errors).toBe(0);
  expect(await readFile(join(folder("own"), "findings.txt"), "utf8")).toBe("none of concern");

  const twice = await cli("tablet", "add", transfer, "--to", "second@b.example");
  expect(twice.json["error"]).toMatchObject({ code: "transfer/same-recipient-twice" });
  const unprotected = await cli("tablet", "add", transfer, "--to", "third@b.example", "--public");
  expect(unprotected.json["error"]).toMatchObject({ code: "transfer/second-factor-required" });
  await cli("tablet", "revoke", transfer);
  const late = await cli("tablet", "add", transfer, "--to", "third@b.example");
  expect(late.json["error"]).toMatchObject({ code: "transfer/not-active" });
  const gone = await cli("tablet", "open", transfer, "--out", folder("gone"));
  expect(gone.json["error"]).toMatchObject({ code: "transfer/not-active" });
});

test("a recovery key that cannot be written leaves the old one in force", async () => {
  const paper = folder("first-paper.txt");
  expect((await cli("found", "recovery-key", "--out", paper)).exitCode).toBe(0);
  const before = await readFile(paper, "utf8");
  for (const out of [paper, join(folder("no-such-folder"), "paper.txt")]) {
    const refused = await cli("found", "recovery-key", "--out", out);
    expect(refused.json["error"]).toMatchObject({ code: "cli/unwritable-folder" });
  }
  expect(await readFile(paper, "utf8")).toBe(before);
  const back = await cli("back", "login", origin(), "--recovery-key-file", paper);
  expect(back.exitCode, back.errors).toBe(0);
});

test("a code that nobody waits with, or is mistyped, lets nobody in", async () => {
  const config = "found";
  expect((await cli(config, "device", "approve", "not a code")).json["error"]).toMatchObject({
    code: "client/bad-code",
  });
  expect((await cli(config, "login", origin(), "--join", "--start-over")).exitCode).toBe(2);
  expect((await cli(config, "device", "remove", "dev_x")).exitCode).toBe(2);
  await writeFile(folder("wrong.txt"), "AAAAAAAA");
  const wrong = await cli("other", "login", origin(), "--recovery-key-file", folder("wrong.txt"));
  expect(wrong.json["error"]).toMatchObject({ code: "client/bad-recovery-key" });
});

test("a device that logs in again keeps its keys, and only the token is new", async () => {
  const before = (await account("found")).device.device;
  expect((await cli("found", "login", origin())).exitCode).toBe(0);
  expect((await account("found")).device.device).toBe(before);
});
