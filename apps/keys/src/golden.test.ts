/** vectors/keyring/v1: a key folder and messages of version 1, which must be read for ever. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { openRelease, releaseContext } from "@safeconduct/envelope";
import { type Bytes, hexBytes, hexText } from "@safeconduct/foundation";
import {
  addGrantRequest,
  addTransferRequest,
  type KeyService,
  namedSharesRequest,
  openKeyService,
  openStatement,
  type ReleaseAuthorisation,
  releaseAnswer,
  shredAnswer,
  signAuthorisation,
  statusAnswer,
} from "@safeconduct/keyring";
import { type KeyFolder, openKeyFolder } from "@safeconduct/keyring-file";
import { openTileStore } from "@safeconduct/ledger-fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdentity } from "./identity-file.ts";

const GOLDEN = fileURLToPath(new URL("../../../vectors/keyring/v1", import.meta.url));
const NOW = 1_800_000_000_000;
const clock = { now: () => NOW, monotonic: () => 0 };
const crypto = nodeCrypto();

const expected = JSON.parse(await readFile(join(GOLDEN, "expected.json"), "utf8")) as Record<string, string>;

function golden(name: string): Bytes {
  const bytes = hexBytes(expected[name] ?? "-");
  if (bytes === null) throw new Error(`${name} is not hexadecimal`);
  return bytes;
}

/** The authorisation as it was before it said who asked; requests are not kept, so that encoding is gone. */
const { authorisation: written } = JSON.parse(await readFile(join(GOLDEN, "expected.json"), "utf8")) as {
  authorisation: Omit<ReleaseAuthorisation, "asker" | "termsHash"> & { termsHash: string };
};
const releasedGrant = { ...written, termsHash: known(hexBytes(written.termsHash)) };

function known<Value>(value: Value | null): Value {
  if (value === null) throw new Error("a golden message cannot be read");
  return value;
}

describe("a key folder of version 1", () => {
  let home: string;
  let folder: KeyFolder;
  let service: KeyService;
  let api: Awaited<ReturnType<typeof crypto.signatures.generateKeyPair>>;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "keys-"));
    await cp(join(GOLDEN, "folder"), home, { recursive: true });
    folder = await openKeyFolder(crypto, home);
    const missing = () => Promise.reject(new Error("it is there"));
    const identity = readIdentity(await folder.readOrMake("identity", missing));
    // Another API than the one of the folder, so that this test can sign a release.
    api = await crypto.signatures.generateKeyPair();
    const log = await openTileStore(join(home, "log"));
    const ports = { store: folder.store, log, crypto, clock, identity, apiPublicKey: api.publicKey };
    service = await openKeyService({ ...ports, onStoreLost: () => undefined });
  });
  afterAll(async () => {
    await folder.close();
    await rm(home, { recursive: true });
  });

  it("keeps the key that clients have pinned", async () => {
    expect((await service.publicKeys()).signingPublicKey).toEqual(golden("signingPublicKey"));
  });

  it("holds every state that its ring and journal tell", () => {
    const status = service.status(known(namedSharesRequest.decode(golden("shown"))));
    expect(status).toEqual(statusAnswer.decode(golden("status")));
    expect([...status.transfers, ...status.grants].map(({ state }) => state)).toEqual([
      "active",
      "shredded",
      "shredded",
      "suspended",
      "active",
      "suspended",
      "shredded",
      "active",
    ]);
  });

  it("repeats its statements of destruction in the same words", async () => {
    const again = await service.shred(known(namedSharesRequest.decode(golden("named"))));
    expect(again).toEqual(shredAnswer.decode(golden("shred")));
    const publicKey = golden("signingPublicKey");
    const read = again.statements.map((signed) => openStatement(crypto.signatures, { publicKey, signed }));
    expect(await Promise.all(read)).toMatchObject([
      { kind: "transfer-shred", held: true, generation: 2, at: NOW },
      { kind: "transfer-shred", held: false, generation: 2, at: NOW },
      { kind: "grant-shred", held: true, generation: 2, at: NOW },
    ]);
  });

  it("still releases its shares", async () => {
    const device = await crypto.hpke.generateKeyPair();
    const ephemeralKeyHash = crypto.sha256(device.publicKey);
    const authorisation = { ...releasedGrant, asker: "recipient", ephemeralKeyHash } as const;
    const audience = golden("signingPublicKey");
    const signing = { apiPrivateKey: api.privateKey, audience, authorisation };
    const signature = await signAuthorisation(crypto.signatures, signing);
    const answer = await service.release({ authorisation, signature, ephemeralPublicKey: device.publicKey });
    const opened = {
      privateKey: device.privateKey,
      context: releaseContext(authorisation),
      sealed: answer.sealedShares,
    };
    expect(await openRelease(crypto, opened)).toEqual({
      transferShare: golden("transferShare"),
      grantShare: golden("grantShare"),
    });
    expect(answer.releases).toBe(2);
  });
});

describe("messages of version 1", () => {
  it("have the encoding that they had", () => {
    const reencoded = {
      addTransfer: addTransferRequest.encode(known(addTransferRequest.decode(golden("addTransfer")))),
      addGrant: addGrantRequest.encode(known(addGrantRequest.decode(golden("addGrant")))),
      released: releaseAnswer.encode(known(releaseAnswer.decode(golden("released")))),
    };
    for (const [name, bytes] of Object.entries(reencoded)) expect(hexText(bytes)).toBe(expected[name]);
  });

  it("carry a statement whose signature still holds", async () => {
    const audience = golden("signingPublicKey");
    const { statement: signed } = known(releaseAnswer.decode(golden("lateRelease")));
    const statement = await openStatement(crypto.signatures, { publicKey: audience, signed });
    expect(statement).toMatchObject({ kind: "release", releases: 1, at: NOW });
  });
});
