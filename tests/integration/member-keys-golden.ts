/**
 * Writes the golden files of the member's keys: one chain with all kinds of statements, wrapped keys, proofs, printed secrets.
 * They must decode for ever, so nothing here overwrites: a new version of a format gets a new folder.
 *
 * Usage: node tests/integration/member-keys-golden.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import * as envelope from "@safeconduct/envelope";
import { drawId, hexText } from "@safeconduct/foundation";
import { ChainOfTest } from "@safeconduct/testkit";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: member-keys-golden.ts FOLDER");
mkdirSync(folder, { recursive: true });

const crypto = nodeCrypto();
const { random, sha256 } = crypto;
const { chain, first, memberKey } = await ChainOfTest.begun(crypto);
const { organisation, member } = chain;
const laptop = await chain.admit(first);
const previous = envelope.statementHash(sha256, chain.signed.at(-1)?.statement ?? new Uint8Array());
const paper = await chain.admit(laptop, "recovery");
await chain.say(laptop, { kind: "holder-removed", holder: first.id });
const second = await crypto.hpke.generateKeyPair();
await chain.say(laptop, { kind: "member-key-set", generation: 2, publicKey: second.publicKey });

const secret = random.bytes(envelope.printedSecretBytes("recovery-key"));
const scope = {
  organisation,
  member,
  holder: paper.id,
  kind: "recovery",
  signingPublicKey: paper.signing.publicKey,
  hpkePublicKey: paper.hpke.publicKey,
  previous,
} as const;
const wrapScope = { organisation, member, generation: 1, holder: laptop.id };
const code = envelope.drawPairingCode(random);
const pairing = {
  organisation,
  member,
  device: laptop.id,
  name: "front desk",
  signingPublicKey: laptop.signing.publicKey,
  hpkePublicKey: laptop.hpke.publicKey,
};
const approval = { organisation, member, device: laptop.id, statementHash: previous };
const request = {
  request: "add-recipient",
  organisation,
  transfer: drawId("transfer", random),
  device: laptop.id,
  grant: drawId("grant", random),
  content: random.bytes(32),
} as const;

write("chain.json", {
  organisation,
  member,
  statements: chain.signed,
  memberKeys: [memberKey.publicKey, second.publicKey],
  holders: { first: first.id, laptop: laptop.id, paper: paper.id },
});
write("keys.json", {
  holder: { secret, scope, keys: { signing: paper.signing.privateKey, hpke: paper.hpke.privateKey } },
  sealedHolderKeys: await envelope.sealHolderKeys(crypto, {
    secret,
    scope,
    keys: { signing: paper.signing.privateKey, hpke: paper.hpke.privateKey },
  }),
  recoveryKey: envelope.formatPrintedSecret(sha256, "recovery-key", secret),
  device: { scope: wrapScope, privateKey: laptop.hpke.privateKey },
  memberKey,
  sealedMemberKey: await envelope.sealMemberKey(crypto, {
    publicKey: laptop.hpke.publicKey,
    scope: wrapScope,
    privateKey: memberKey.privateKey,
  }),
});
write("pairing.json", {
  code,
  printed: envelope.formatPrintedSecret(sha256, "pairing-code", code),
  request: pairing,
  requestProof: await envelope.provePairing(crypto, code, pairing),
  approval,
  approvalProof: await envelope.proveApproval(crypto, code, approval),
});
write("request.json", {
  request,
  signingPublicKey: laptop.signing.publicKey,
  signature: await envelope.signMemberRequest(crypto, { request, privateKey: laptop.signing.privateKey }),
});

function write(name: string, value: object): void {
  const text = JSON.stringify(value, (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each), 2);
  writeFileSync(join(folder ?? "", name), `${text}\n`, { flag: "wx" });
}
