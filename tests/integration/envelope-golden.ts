/**
 * Writes the golden files of the envelope formats: one small package of fixed keys, its grant and its seal.
 * They must decode for ever, so nothing here overwrites: a new version of a format gets a new folder.
 *
 * Usage: node tests/integration/envelope-golden.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import * as envelope from "@safeconduct/envelope";
import { type Bytes, concatBytes, drawId, hexText, type Random, utf8Bytes } from "@safeconduct/foundation";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: envelope-golden.ts FOLDER");
mkdirSync(folder);

const platform = nodeCrypto();
/** The same bytes at every run: SHA-256 of a counter. For golden files only. */
let counter = 0;
const random: Random = {
  bytes(length: number): Bytes {
    const blocks: Bytes[] = [];
    for (let have = 0; have < length; have += 32) blocks.push(platform.sha256(utf8Bytes(`golden ${counter++}`)));
    return concatBytes(...blocks).slice(0, length);
  },
};
const ports = { ...platform, random };

const organisation = drawId("organisation", random);
const transfer = drawId("transfer", random);
const grant = drawId("grant", random);
const member = drawId("member", random);
const packageKey = envelope.drawSecret(random);
const linkSecret = envelope.drawSecret(random);
const transferShare = envelope.drawShare(random);
const grantShare = envelope.drawShare(random);
const signingPrivateKey = random.bytes(32);
const signingPublicKey = await publicKeyOf(signingPrivateKey);
const signingKeyHash = envelope.signingKeyHash(ports.sha256, signingPublicKey);

const terms = {
  organisation,
  transfer,
  grant,
  kind: "recipient",
  profile: "downloadable",
  purpose: "TREAT",
  notBefore: 1_750_000_000_000,
  notAfter: 1_750_172_800_000,
  releaseCap: 3,
} as const;
const encodedTerms = envelope.encodeTerms(terms);
const termsHash = envelope.termsHash(ports.sha256, encodedTerms);
const scope = { organisation, transfer, grant, termsHash };
const transcript = envelope.grantTranscript({ ...scope, recipientKeyId: envelope.NO_RECIPIENT_KEY });
const kek = await envelope.kek(ports, { linkSecret, transferShare, grantShare, transcript });
const slot = await envelope.sealSlot(ports, { kek, transcript, packageKey });

const contents = [
  { path: "Überweisung/brief.txt", mediaType: "text/plain", bytes: utf8Bytes("golden file, first\n") },
  { path: "empty.bin", mediaType: "application/octet-stream", bytes: new Uint8Array(0) },
  { path: "images/紹介状.dcm", mediaType: "application/dicom", bytes: random.bytes(1000) },
];
const files = contents.map(({ path, mediaType, bytes }) => {
  return { id: drawId("file", random), path, mediaType, sizeBytes: bytes.length };
});
const plan = envelope.planPackage(files);
const writer = await envelope.startPackage(ports, { organisation, transfer, packageKey, plan });
const parts = [];
for (const { number } of plan.parts) {
  parts.push(
    await writer.encryptPart(number, async (id, offset, length) => {
      const position = files.findIndex((file) => file.id === id);
      return (contents[position]?.bytes ?? new Uint8Array(0)).slice(offset, offset + length);
    }),
  );
}
const record = writer.sealRecord();
const keyPair = await ports.hpke.generateKeyPair();
const { publicKey } = keyPair;
const releaseContext = envelope.releaseContext({ ...scope, ephemeralKeyHash: ports.sha256(publicKey) });
const transferContext = envelope.transferShareContext(scope);
const grantContext = envelope.grantShareContext(scope);
const memberScope = { organisation, transfer, grant, member };

write("terms.json", { terms, encoded: encodedTerms, termsHash });
write("grant.json", {
  scope: { organisation, transfer, grant },
  member,
  linkSecret,
  transferShare,
  grantShare,
  packageKey,
  transcript,
  kek,
  slot,
  signingKeyHash,
  fragment: envelope.formatFragment({ linkSecret, signingKeyHash }),
});
write("hpke.json", {
  privateKey: keyPair.privateKey,
  publicKey,
  transferContext,
  sealedTransferShare: await envelope.sealShare(ports, { publicKey, context: transferContext, share: transferShare }),
  grantContext,
  sealedGrantShare: await envelope.sealShare(ports, { publicKey, context: grantContext, share: grantShare }),
  releaseContext,
  sealedRelease: await envelope.sealRelease(ports, { publicKey, context: releaseContext, transferShare, grantShare }),
  sealedToMember: await envelope.sealToMember(ports, { publicKey, scope: memberScope, linkSecret }),
});
write("seal.json", {
  parts: parts.map(({ number, sizeBytes, sha256 }) => ({ number, sizeBytes, sha256 })),
  record,
  encoded: envelope.encodeSealRecord(record),
  signature: await envelope.signSeal(ports, { record, privateKey: signingPrivateKey }),
  signingPublicKey,
});
write("files.json", {
  files: files.map((file, position) => ({ ...file, content: contents[position]?.bytes })),
  headers: writer.headers,
});
writeFileSync(join(folder, "package.blob"), concatBytes(...parts.map(({ bytes }) => bytes)), { flag: "wx" });

function write(name: string, value: object): void {
  const text = JSON.stringify(value, (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each), 2);
  writeFileSync(join(folder ?? "", name), `${text}\n`, { flag: "wx" });
}

/** The adapters make pairs; for a fixed seed the public half comes from WebCrypto. */
async function publicKeyOf(seed: Bytes): Promise<Bytes> {
  const prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
  const key = await crypto.subtle.importKey("pkcs8", concatBytes(prefix, seed), "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}
