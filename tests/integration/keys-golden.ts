/**
 * Makes vectors/keyring/v1: a key folder of version 1 with a ring, a journal and everything that a key service signs.
 * Golden files must decode for ever, so this refuses to write over them: a new version gets a folder of its own.
 *
 * Usage: node tests/integration/keys-golden.ts
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawId, hexText } from "@safeconduct/foundation";
import {
  addGrantRequest,
  addTransferRequest,
  namedSharesRequest,
  releaseAnswer,
  releaseRequest,
  shredAnswer,
  signAuthorisation,
  statusAnswer,
} from "@safeconduct/keyring";
import { startKeyServer } from "@safeconduct/keys";
import { openKeyServiceClient } from "@safeconduct/keys-http";
import { KeyServiceScene } from "@safeconduct/testkit";
import { crypto } from "./keys-process.ts";

const TARGET = fileURLToPath(new URL("../../vectors/keyring/v1", import.meta.url));
const FILES = ["version", "identity", "api-public-key", "ring", "journal-2", "masters/master-2"];
const NOW = 1_800_000_000_000;

if (existsSync(TARGET)) throw new Error("vectors/keyring/v1 stands: golden files are never made anew");

const clock = { now: () => NOW, monotonic: () => 0 };
const home = await mkdtemp(join(tmpdir(), "keys-"));
const api = await crypto.signatures.generateKeyPair();
const ports = { crypto, clock, log: () => undefined, onStoreLost: () => undefined };
const server = await startKeyServer(ports, { home, port: 0, apiPublicKey: api.publicKey });
const url = `http://127.0.0.1:${server.port}`;
const keys = openKeyServiceClient({ ...crypto, clock }, { url, apiSigningKey: api.privateKey, pinned: server });
const scene = new KeyServiceScene({ crypto, clock, keys });

// Generation 2: a released grant, a suspended one, tombstones of a share that was held and of one that never was.
const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 3 });
const suspended = await scene.addGrant(transfer);
const shredded = await scene.transferWithGrant();
const never = await scene.drawTransfer();
const device = await scene.drawDevice();
const released = await device.ask(grant);
await keys.suspend(scene.named({ grants: [suspended] }));
const named = scene.named({ transfers: [shredded.transfer, never], grants: [shredded.grant] });
const shred = await keys.shred(named);
// Its journal: each kind of record.
const late = await scene.transferWithGrant();
const lateRelease = await (await scene.drawDevice()).ask(late.grant);
await keys.suspend(scene.named({ transfers: [late.transfer] }));

const shown = scene.named({
  transfers: [transfer, shredded.transfer, never, late.transfer],
  grants: [grant, suspended, shredded.grant, late.grant],
});
const status = await keys.status(shown);
const authorisation = {
  authorisation: drawId("authorisation", crypto.random),
  organisation: scene.organisation,
  transfer: transfer.transfer,
  grant: grant.grant,
  session: device.session,
  asker: "recipient" as const,
  termsHash: grant.termsHash,
  ephemeralKeyHash: device.ephemeralKeyHash,
  issuedAt: NOW,
  expiresAt: NOW + 30_000,
};
const audience = server.signingPublicKey;
const signature = await signAuthorisation(crypto.signatures, {
  apiPrivateKey: api.privateKey,
  audience,
  authorisation,
});
await server.close();

const expected = {
  signingPublicKey: server.signingPublicKey,
  shown: namedSharesRequest.encode(shown),
  status: statusAnswer.encode(status),
  named: namedSharesRequest.encode(named),
  shred: shredAnswer.encode(shred),
  transferShare: transfer.share,
  grantShare: grant.share,
  authorisation,
  signature,
  release: releaseRequest.encode({ authorisation, signature, ephemeralPublicKey: device.publicKey }),
  released: releaseAnswer.encode(released),
  lateRelease: releaseAnswer.encode(lateRelease),
  addTransfer: addTransferRequest.encode(transfer.request),
  addGrant: addGrantRequest.encode(grant.request),
};
await mkdir(join(TARGET, "folder", "masters"), { recursive: true });
for (const name of FILES) await cp(join(home, name), join(TARGET, "folder", name));
const spelled = (_key: string, value: unknown) => (value instanceof Uint8Array ? hexText(value) : value);
await writeFile(join(TARGET, "expected.json"), `${JSON.stringify(expected, spelled, 2)}\n`);
await rm(home, { recursive: true });
