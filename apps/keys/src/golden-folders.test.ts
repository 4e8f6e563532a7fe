/** vectors/keyring/v2 and v3: whole key folders with identity version 2, holds, clock, ledger and own log, to be read for ever. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { openRelease, releaseContext } from "@safeconduct/envelope";
import { type Bytes, drawId, hexBytes } from "@safeconduct/foundation";
import {
  keyLogKey,
  type KeyService,
  namedHoldRequest,
  namedSharesRequest,
  openKeyService,
  type ReleaseAuthorisation,
  releaseAnswer,
  shredAnswer,
  signAuthorisation,
  statusAnswer,
} from "@safeconduct/keyring";
import { type KeyFolder, openKeyFolder } from "@safeconduct/keyring-file";
import { openCheckpoint, parseVerifierKey } from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { outcomeOf } from "@safeconduct/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCustodians } from "./custodians-file.ts";
import { readIdentity } from "./identity-file.ts";

type Golden = Record<string, string> & {
  readonly at: number;
  readonly holds: readonly string[];
  readonly grant: Pick<ReleaseAuthorisation, "organisation" | "transfer" | "grant" | "session"> & {
    readonly termsHash: string;
    readonly publicKey: string;
  };
};

const crypto = nodeCrypto();

function known<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("a golden value cannot be read");
  return value;
}
const hex = (text: string | undefined): Bytes => known(hexBytes(text ?? "-"));

describe.each(["v2", "v3"])("a key folder of %s", (version) => {
  const source = fileURLToPath(new URL(`../../../vectors/keyring/${version}`, import.meta.url));
  let expected: Golden;
  let home: string;
  let folder: KeyFolder;
  let service: KeyService;
  let signingPublicKey: Bytes;
  beforeAll(async () => {
    expected = JSON.parse(await readFile(join(source, "expected.json"), "utf8")) as Golden;
    home = await mkdtemp(join(tmpdir(), "keys-"));
    await cp(join(source, "folder"), home, { recursive: true });
    folder = await openKeyFolder(crypto, home);
    const missing = () => Promise.reject(new Error("it is there"));
    const identity = readIdentity(await folder.readOrMake("identity", missing));
    signingPublicKey = identity.signing.publicKey;
    service = await openKeyService({
      store: folder.store,
      log: await openTileStore(join(home, "log")),
      crypto,
      clock: { now: () => expected.at, monotonic: () => 0 },
      identity,
      apiPublicKey: await folder.readOrMake("api-public-key", missing),
      ledgerKey: known(parseVerifierKey(crypto.sha256, known(expected["ledgerKey"]))),
      custodians: readCustodians(await folder.read("custodians")),
      onStoreLost: () => undefined,
    });
  });
  afterAll(async () => {
    await folder.close();
    await rm(home, { recursive: true });
  });

  const release = async (ephemeralPublicKey: Bytes) => {
    const { publicKey: _publicKey, termsHash, ...grant } = expected.grant;
    const authorisation = {
      ...grant,
      termsHash: hex(termsHash),
      authorisation: drawId("authorisation", crypto.random),
      asker: "recipient" as const,
      ephemeralKeyHash: crypto.sha256(ephemeralPublicKey),
      issuedAt: expected.at,
      expiresAt: expected.at + 30_000,
    };
    const signing = { apiPrivateKey: hex(expected["apiPrivateKey"]), audience: signingPublicKey, authorisation };
    const signature = await signAuthorisation(crypto.signatures, signing);
    return { authorisation, answer: await service.release({ authorisation, signature, ephemeralPublicKey }) };
  };

  it("keeps the key that clients have pinned, and two custodians", async () => {
    expect((await service.publicKeys()).signingPublicKey).toEqual(hex(expected["signingPublicKey"]));
    expect(service.clock()).toMatchObject({ state: "steady", resets: 1, custodians: 2 });
  });

  it("holds every state that its ring and journal tell", () => {
    const status = service.status(known(namedSharesRequest.decode(hex(expected["shown"]))));
    expect(status).toEqual(statusAnswer.decode(hex(expected["status"])));
  });

  it("knows the last checkpoint that it saw, and opens nothing before it is shown again", async () => {
    expect(service.ledgerState()).toEqual({
      verifierKey: expected["ledgerKey"],
      checkpoint: expected["ledgerCheckpoint"],
    });
    const { publicKey } = await crypto.hpke.generateKeyPair();
    expect(await outcomeOf(release(publicKey))).toBe("keys/ledger-not-shown");
    const shown = { checkpoint: known(expected["ledgerCheckpoint"]), proof: [] };
    expect(await outcomeOf(service.showLedger({ ...shown, oldSize: 3 }))).toBe("keys/ledger-not-shown");
    await service.showLedger({ ...shown, oldSize: 303 });
    expect(service.ledgerStanding()).toBe("shown");
  });

  it("gives the device of before the same answer, and another one its shares", async () => {
    const { answer: again } = await release(hex(expected.grant.publicKey));
    expect(again).toEqual(releaseAnswer.decode(hex(expected["released"])));
    const device = await crypto.hpke.generateKeyPair();
    const { authorisation, answer } = await release(device.publicKey);
    const opened = {
      privateKey: device.privateKey,
      context: releaseContext(authorisation),
      sealed: answer.sealedShares,
    };
    expect(await openRelease(crypto, opened)).toEqual({
      transferShare: hex(expected["transferShare"]),
      grantShare: hex(expected["grantShare"]),
    });
    expect(answer.releases).toBe(2);
  });

  it("still keeps what is held, until its last hold is lifted", async () => {
    const [placed, late] = expected.holds.map((text) => known(namedHoldRequest.decode(hex(text))));
    for (const hold of [known(placed), known(late)]) {
      const named = { organisation: hold.organisation, transfers: [hold.transfer], grants: [] };
      expect(await outcomeOf(service.shred(named))).toBe("keys/held");
      await service.liftHold(hold);
      expect(await outcomeOf(service.shred(named))).toBe("done");
    }
  });

  it("repeats its statements of destruction in the same words", async () => {
    const again = await service.shred(known(namedSharesRequest.decode(hex(expected["named"]))));
    expect(again).toEqual(shredAnswer.decode(hex(expected["shred"])));
  });

  it("goes on with its own log, and signs it with the pinned key", async () => {
    const { checkpoint, proof } = await service.logCheckpoint({ oldSize: version === "v3" ? 13 : 0 });
    const logKey = keyLogKey(crypto.sha256, signingPublicKey);
    const opened = known(await openCheckpoint(crypto.signatures, checkpoint, { logKey })).checkpoint;
    // The journal's five acts, where the folder is from before the log; then a release, two lifted holds, two destructions.
    expect(opened.size).toBe((version === "v3" ? 13 : 5) + 5);
    expect(proof.length > 0).toBe(version === "v3");
  });
});
