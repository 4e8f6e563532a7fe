import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { utf8Bytes } from "@safeconduct/foundation";
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatVerifierKey,
  LedgerWriter,
  makeVerifierKey,
  type NoteKeyType,
  type NoteSigner,
  openCheckpoint,
  Witness,
} from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { systemClock } from "@safeconduct/system";
import { MemoryTileStore } from "@safeconduct/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWitnesses } from "./open-witnesses.ts";

const crypto = nodeCrypto();
const { sha256, signatures } = crypto;
let folder: string;
let signer: NoteSigner;
let witnessSigner: NoteSigner;
let closers: (() => unknown)[];

async function makeSigner(name: string, type: NoteKeyType): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name, type, publicKey }), privateKey };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-witnesses-"));
  signer = await makeSigner("clinic.example/ledger", ED25519_KEY);
  witnessSigner = await makeSigner("witness.example/w1", COSIGNATURE_KEY);
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await rm(folder, { recursive: true });
});

async function openLog() {
  const tiles = await openTileStore(join(folder, "log"));
  const writer = await LedgerWriter.open({ sha256, signatures, store: tiles, signer });
  let hear: (...heard: [typeof writer.checkpoint, string]) => void = () => undefined;
  const ledger = {
    signer,
    tiles,
    writer,
    watch: (listener: typeof hear) => {
      hear = listener;
    },
  };
  const append = async (words: string) => {
    const { checkpoint, checkpointText } = await writer.append([utf8Bytes(words)]);
    hear(checkpoint, checkpointText);
  };
  return { ledger, append };
}

const logged: unknown[] = [];
async function open(policy: string, log: Awaited<ReturnType<typeof openLog>>) {
  const file = join(folder, "policy");
  await writeFile(file, policy);
  const { ledger } = log;
  const ports = {
    ledger,
    folder: join(folder, "log"),
    crypto,
    clock: systemClock(),
    log: (e: unknown) => logged.push(e),
  };
  const rounds = await openWitnesses(file, ports);
  closers.push(() => rounds.stop());
  return rounds;
}

/** A witness in this process. `before` may hold its answer. */
async function served(key: NoteSigner, before: () => Promise<void> = async () => undefined): Promise<string> {
  const held = new Map<string, string>();
  const memory = {
    read: async (origin: string) => held.get(origin) ?? null,
    write: async (origin: string, text: string) => void held.set(origin, text),
    keepConflict: async () => undefined,
  };
  const witness = await Witness.open({
    ...crypto,
    logs: [signer.key],
    signer: key,
    memory,
    clock: { now: () => 1e12 },
  });
  const judge = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    await before();
    const answer = await witness.addCheckpoint(Buffer.concat(pieces).toString("utf8"));
    if (answer.kind === "cosigned") response.writeHead(200).end(answer.line);
    else response.writeHead(409).end(`${"knownSize" in answer ? answer.knownSize : 0}\n`);
  };
  const server: Server = createServer((request, response) => void judge(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const line = (name: string, key: NoteSigner, url: string) => `witness ${name} ${formatVerifierKey(key.key)} ${url}`;
const witnessesOf = async (text: string, ...keys: NoteSigner[]) =>
  (await openCheckpoint(signatures, text, { logKey: signer.key, witnesses: keys.map(({ key }) => key) }))?.witnesses
    .length;

describe("a log with witnesses", () => {
  test("has its newest checkpoint cosigned, and keeps it for the next start", async () => {
    const log = await openLog();
    const rounds = await open(`${line("a", witnessSigner, await served(witnessSigner))}\nquorum a\n`, log);
    await log.append("one");
    await log.append("two");
    const covering = await rounds.covering(2);
    expect(covering.size).toBe(2);
    expect(await witnessesOf(covering.text, witnessSigner)).toBe(1);
    expect(await witnessesOf(rounds.newest.text, witnessSigner)).toBe(1);
    await rounds.stop();
    expect(await readFile(join(folder, "log", "checkpoint.witnessed"), "utf8")).toBe(covering.text);
    const again = await open(`${line("a", witnessSigner, "http://127.0.0.1:1/")}\nquorum a\n`, log);
    expect(again.witnessed).toEqual(covering);
  });

  test("gathers two on one checkpoint when two are demanded, and none before", async () => {
    let openGate: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      openGate = resolve;
    });
    const slow = await makeSigner("slow.example", COSIGNATURE_KEY);
    const log = await openLog();
    const lines = [
      line("a", witnessSigner, await served(witnessSigner)),
      line("b", slow, await served(slow, () => gate)),
    ];
    const rounds = await open(`${lines.join("\n")}\ngroup g all a b\nquorum g\n`, log);
    await log.append("one");
    expect(rounds.witnessed).toBeNull();
    openGate();
    const { text, size } = await rounds.covering(1);
    expect(size).toBe(1);
    expect(await witnessesOf(text, witnessSigner, slow)).toBe(2);
  });

  test("shows what it has when nobody can be asked, without waiting", async () => {
    const log = await openLog();
    const rounds = await open(`${line("a", witnessSigner, "http://127.0.0.1:1/")}\nquorum a\n`, log);
    await log.append("one");
    expect(await witnessesOf((await rounds.covering(1)).text, witnessSigner)).toBe(0);
    expect(rounds.witnessed).toBeNull();
  });

  test("does not start again from less than was witnessed", async () => {
    const log = await openLog();
    const rounds = await open(`${line("a", witnessSigner, await served(witnessSigner))}\nquorum a\n`, log);
    await log.append("one");
    await rounds.covering(1);
    await rounds.stop();
    const older = new MemoryTileStore();
    const writer = await LedgerWriter.open({ sha256, signatures, store: older, signer });
    const restored = { ...log, ledger: { ...log.ledger, tiles: older, writer } };
    await expect(open("quorum none\n", restored)).rejects.toMatchObject({ exitCode: 64 });
    const policy = `${line("a", witnessSigner, "http://127.0.0.1:1/")}\nquorum a\n`;
    await expect(open(policy, restored)).rejects.toMatchObject({ exitCode: 65 });
  });
});

describe("a policy stops the start with", () => {
  test.each<[string, (key: string) => string]>([
    ["no quorum", () => "# nothing\n"],
    ["no address", (key) => `witness a ${key}\nquorum a\n`],
    ["an address that is no web address", (key) => `witness a ${key} file:///etc/passwd\nquorum a\n`],
    ["a password in the address", (key) => `witness a ${key} http://user:pass@127.0.0.1/\nquorum a\n`],
    ["a query in the address", (key) => `witness a ${key} http://127.0.0.1/?a\nquorum a\n`],
  ])("%s", async (_, text) => {
    const log = await openLog();
    await expect(open(text(formatVerifierKey(witnessSigner.key)), log)).rejects.toMatchObject({ exitCode: 64 });
  });

  test("no file", async () => {
    const { ledger } = await openLog();
    const ports = { ledger, folder, crypto, clock: systemClock(), log: () => undefined };
    await expect(openWitnesses(join(folder, "none"), ports)).rejects.toMatchObject({ exitCode: 64 });
  });
});
