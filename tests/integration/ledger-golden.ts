/**
 * Makes the golden files of the ledger from fixed keys and salts. They must be read for ever, so files that stand are
 * never written again: a new form gets a new folder beside v1. Run: node tools/with-pinned-node.mjs tests/integration/ledger-golden.ts
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { hexBytes, hexText, parseId, utf8Bytes } from "@safeconduct/foundation";
import {
  ED25519_KEY,
  formatCertificate,
  formatTlogProof,
  formatVerifierKey,
  inclusionProof,
  issueCertificate,
  LedgerWriter,
  makeEntry,
  makeVerifierKey,
  TreeReader,
} from "@safeconduct/ledger";
import { MemoryTileStore } from "@safeconduct/testkit";

const folder = fileURLToPath(new URL("../../vectors/ledger/v1", import.meta.url));
if (existsSync(folder)) {
  console.error("The golden files stand; they are never made again.");
  process.exit(1);
}

const { sha256, signatures } = nodeCrypto();
const fixed = (label: string) => sha256(utf8Bytes(`safeconduct golden ledger ${label}`));
const known = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error("a constant of this script is wrong");
  return value;
};

// Test 1 of RFC 8032 §7.1.
const privateKey = known(hexBytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
const publicKey = known(hexBytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
const key = makeVerifierKey(sha256, { name: "golden.example/ledger", type: ED25519_KEY, publicKey });
const organisation = known(parseId("organisation", "org_aaaaaaaaaaaaaaaaaaaaaaaaae"));
const transfer = known(parseId("transfer", "trf_aaaaaaaaaaaaaaaaaaaaaaaaae"));
const subjectSalt = fixed("subject");

const events = [
  { type: "instance/created", at: 1_740_000_000_000, transfer: null, actor: { kind: "setup" } },
  { type: "transfer/drafted", at: 1_740_000_059_999, transfer, actor: { kind: "member", name: "Žofie Example" } },
  { type: "transfer/sealed", at: 1_740_000_060_000, transfer, files: 3 },
  { type: "member/signed-in", at: 1_740_000_090_000, transfer: null },
  { type: "grant/released", at: 1_740_000_120_000, transfer, detail: { first: true, reason: null } },
  { type: "transfer/destroyed", at: 1_740_086_400_000, transfer },
] as const;

const rows = events.map((event, i) => {
  const salt = fixed(`salt ${i}`);
  const termsHash = event.type === "grant/released" ? { termsHash: fixed("terms") } : {};
  const payloadHash =
    event.type === "transfer/sealed" || event.type === "transfer/destroyed" ? { payloadHash: fixed(event.type) } : {};
  const content = { event, salt, subjectSalt: event.transfer && subjectSalt, ...termsHash, ...payloadHash };
  return { event, salt, entry: makeEntry(sha256, content) };
});

const store = new MemoryTileStore();
const writer = await LedgerWriter.open({ sha256, signatures, store, signer: { key, privateKey } });
await writer.append(rows.slice(0, 4).map(({ entry }) => entry.leafBytes));
const earlier = writer.checkpointText;
await writer.append(rows.slice(4).map(({ entry }) => entry.leafBytes));

const readTile = (path: string) => store.readTile(path);
const source = { sha256, readTile, size: writer.size, checkpointText: writer.checkpointText };
const ours = rows.flatMap(({ event, salt }, index) => (event.transfer === null ? [] : [{ index, event, salt }]));
// The second of them was erased: its leaf stays, its event and salt are gone.
const entries = ours.map((each, i) => (i === 1 ? { index: each.index, event: null, salt: null } : each));
const custody = { organisation, transfer, issuedAt: 1_740_090_000_000, subjectSalt, entries };
const proof = await inclusionProof(new TreeReader(source), 4);

const leaves = rows.map(({ event, salt, entry }) => ({
  event,
  eventText: new TextDecoder().decode(entry.eventBytes),
  salt: hexText(salt),
  subjectSalt: event.transfer === null ? null : hexText(subjectSalt),
  leaf: hexText(entry.leafBytes),
}));

const files: Record<string, string | Uint8Array> = {
  vkey: `${formatVerifierKey(key)}\n`,
  "leaves.json": `${JSON.stringify(leaves, null, 2)}\n`,
  "custody.certificate.json": `${formatCertificate(await issueCertificate(source, custody))}\n`,
  "entry-4.tlog-proof": formatTlogProof({ index: 4, proof, checkpoint: writer.checkpointText }),
  "earlier-checkpoint": earlier,
  "log/checkpoint": writer.checkpointText,
};
for (const path of ["tile/0/000.p/6", "tile/entries/000.p/6"]) files[`log/${path}`] = known(await readTile(path));
for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
