/**
 * Makes vectors/keyring/v3, a key folder whose ring, journal and own log hold a thing of every kind, and vectors/keyring/v2,
 * the same folder as a key service wrote it before it kept a log of its own. (v1 was made by the code of its time.)
 * Golden files must decode for ever, so this refuses to write over them: a new version gets a folder of its own.
 *
 * Usage: node tests/integration/keys-golden.ts
 */
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drawId, hexText } from "@safeconduct/foundation";
import {
  namedHoldRequest,
  namedSharesRequest,
  readSealedRing,
  releaseAnswer,
  sealRing,
  shredAnswer,
  signClockConfirmation,
  statusAnswer,
} from "@safeconduct/keyring";
import { startKeyServer } from "@safeconduct/keys";
import { openKeyServiceClient } from "@safeconduct/keys-http";
import {
  consistencyProof,
  ED25519_KEY,
  formatVerifierKey,
  LedgerWriter,
  makeEntry,
  makeVerifierKey,
  TreeReader,
} from "@safeconduct/ledger";
import { KeyServiceScene, MemoryTileStore } from "@safeconduct/testkit";
import { crypto } from "./keys-process.ts";

const targetOf = (version: string) => fileURLToPath(new URL(`../../vectors/keyring/${version}`, import.meta.url));
const [V2, V3] = [targetOf("v2"), targetOf("v3")];
if (existsSync(V2) || existsSync(V3))
  throw new Error("vectors/keyring/v2 or v3 stands: golden files are never made anew");

const START = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const LATE = START + 3_650 * 24 * HOUR_MS;
/** Version, mark, jump, resets; and at the end the place of the first leaf, their number, and 74 bytes each. */
const LEAF_BYTES = 74;
const LOG_HEAD_BYTES = 12;

let [wall, elapsed] = [START, 0];
const clock = { now: () => wall, monotonic: () => elapsed };
const pass = (milliseconds: number) => {
  wall += milliseconds;
  elapsed += milliseconds;
};

const { publicKey, privateKey } = await crypto.signatures.generateKeyPair();
const ledgerKey = makeVerifierKey(crypto.sha256, { name: "example.test/golden", type: ED25519_KEY, publicKey });
const tiles = new MemoryTileStore();
const ledger = await LedgerWriter.open({ ...crypto, store: tiles, signer: { key: ledgerKey, privateKey } });
const grow = (count: number) =>
  ledger.append(
    Array.from({ length: count }, () => {
      const salts = { salt: crypto.random.bytes(32), subjectSalt: null };
      return makeEntry(crypto.sha256, { event: { type: "grant/released", at: wall, transfer: null }, ...salts })
        .leafBytes;
    }),
  );

const home = await mkdtemp(join(tmpdir(), "keys-"));
const [api, anna, ben] = await Promise.all([1, 2, 3].map(() => crypto.signatures.generateKeyPair()));
if (!api || !anna || !ben) throw new Error("not drawn");
await writeFile(join(home, "custodians"), `${hexText(anna.publicKey)} # Anna\n${hexText(ben.publicKey)} # Ben\n`);
const ports = { crypto, clock, log: () => undefined, onStoreLost: () => undefined };
const server = await startKeyServer(ports, { home, port: 0, apiPublicKey: api.publicKey, ledgerKey });
const keys = openKeyServiceClient(
  { ...crypto, clock },
  {
    url: `http://127.0.0.1:${server.port}`,
    apiSigningKey: api.privateKey,
    pinned: server,
    ledger: {
      current: () => ({ size: ledger.size, checkpointText: ledger.checkpointText }),
      prove: ({ oldSize, size }) =>
        consistencyProof(new TreeReader({ ...crypto, size, readTile: (path) => tiles.readTile(path) }), oldSize),
    },
  },
);
const scene = new KeyServiceScene({ crypto, clock, keys });
const { organisation } = scene;

// In the ring: a released grant, a suspended one, a held transfer, a clock that was set right, and tombstones of shares
// that were held and of one that never was.
await grow(3);
const { transfer, grant } = await scene.transferWithGrant({ releaseCap: 3, notAfter: LATE });
const suspended = await scene.addGrant(transfer, { notAfter: LATE });
const held = await scene.transferWithGrant({ notAfter: LATE });
const shredded = await scene.transferWithGrant();
const never = await scene.drawTransfer();
const device = await scene.drawDevice();
const released = await device.ask(grant);
await keys.suspend(scene.named({ grants: [suspended] }));
const placed = { organisation, transfer: held.transfer.transfer, hold: drawId("hold", crypto.random) };
const other = { ...placed, hold: drawId("hold", crypto.random) };
await keys.hold(placed);
await keys.hold(other);
await server.keepTime();
wall += 72 * HOUR_MS;
const confirmations = [];
for (const custodian of [anna, ben]) {
  const confirmation = { organisation, custodian: custodian.publicKey, resets: 0, time: wall };
  const audience = server.signingPublicKey;
  const signed = { privateKey: custodian.privateKey, audience, confirmation };
  const signature = await signClockConfirmation(crypto.signatures, signed);
  confirmations.push(await keys.confirmClock({ confirmation, signature }));
}
const clockReset = confirmations.at(-1)?.statement;
await server.keepTime();
await keys.publicKeys();
const named = scene.named({ transfers: [shredded.transfer, never], grants: [shredded.grant] });
const shred = await keys.shred(named);

// In its journal: each kind of record.
await grow(300);
pass(2 * HOUR_MS);
const late = await scene.transferWithGrant({ notAfter: LATE });
const lateDevice = await scene.drawDevice();
const lateRelease = await lateDevice.ask(late.grant);
await keys.suspend(scene.named({ transfers: [late.transfer], grants: [late.grant] }));
await keys.resume(scene.named({ grants: [late.grant] }));
const lateHold = { organisation, transfer: late.transfer.transfer, hold: drawId("hold", crypto.random) };
await keys.hold(lateHold);
await keys.liftHold(other);

const shown = scene.named({
  transfers: [transfer, held.transfer, shredded.transfer, never, late.transfer],
  grants: [grant, suspended, held.grant, shredded.grant, late.grant],
});
const status = await keys.status(shown);
await server.close();

const expected = {
  signingPublicKey: server.signingPublicKey,
  apiPrivateKey: api.privateKey,
  at: wall,
  ledgerKey: formatVerifierKey(ledgerKey),
  ledgerCheckpoint: ledger.checkpointText,
  shown: namedSharesRequest.encode(shown),
  status: statusAnswer.encode(status),
  named: namedSharesRequest.encode(named),
  shred: shredAnswer.encode(shred),
  holds: [placed, lateHold].map((hold) => namedHoldRequest.encode(hold)),
  transferShare: transfer.share,
  grantShare: grant.share,
  grant: {
    organisation,
    transfer: transfer.transfer,
    grant: grant.grant,
    session: device.session,
    termsHash: grant.termsHash,
    publicKey: device.publicKey,
  },
  released: releaseAnswer.encode(released),
  lateRelease: releaseAnswer.encode(lateRelease),
  clockReset,
};
const spelled = (_key: string, value: unknown) => (value instanceof Uint8Array ? hexText(value) : value);
for (const target of [V2, V3]) {
  const filter = (path: string) => path !== join(home, "lock") && (target === V3 || path !== join(home, "log"));
  await cp(home, join(target, "folder"), { recursive: true, filter });
  await writeFile(join(target, "expected.json"), `${JSON.stringify(expected, spelled, 2)}\n`);
}

// Version 2 is version 3 without its end.
const ringFile = join(V2, "folder", "ring");
const { generation, open } = readSealedRing(await readFile(ringFile));
const master = await crypto.aead.importKey(await readFile(join(home, "masters", `master-${generation}`)));
const ring = await open(master);
const leaves = new DataView(ring.buffer);
let end = ring.length;
for (let count = 0; ; count++) {
  end = ring.length - count * LEAF_BYTES - LOG_HEAD_BYTES;
  if (leaves.getUint32(ring.byteOffset + end + 8) === count) break;
}
const older = ring.slice(0, end);
older[0] = 2;
await writeFile(ringFile, await sealRing(crypto.random, { master, generation, ring: older }));
await rm(home, { recursive: true });
