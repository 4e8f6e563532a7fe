/**
 * Writes the golden file of passcodes: what was typed, what is derived from it, and a slot that it opens.
 * It must open for ever, so nothing here overwrites.
 *
 * Usage: node tests/integration/passcode-golden.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import * as envelope from "@safeconduct/envelope";
import { drawId, hexText } from "@safeconduct/foundation";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: passcode-golden.ts FOLDER");
mkdirSync(folder);

const ports = nodeCrypto();
const { random, sha256 } = ports;

async function passcode(typed: string): Promise<object> {
  const scope = {
    organisation: drawId("organisation", random),
    transfer: drawId("transfer", random),
    grant: drawId("grant", random),
  };
  const factor = envelope.passcodeFactor(random);
  const terms = envelope.encodeTerms({
    ...scope,
    kind: "recipient",
    profile: "downloadable",
    purpose: "TREAT",
    notBefore: 1_750_000_000_000,
    notAfter: 1_750_172_800_000,
    releaseCap: 0,
    secondFactor: factor,
  });
  const canonical = envelope.canonicalPasscode(typed);
  if (canonical === null) throw new Error("no passcode");
  const [linkSecret, transferShare, grantShare, packageKey] = [1, 2, 3, 4].map(() => random.bytes(32));
  if (!linkSecret || !transferShare || !grantShare || !packageKey) throw new Error("no secrets");
  const passcodeHash = await envelope.hashPasscode(ports, { passcode: canonical, factor });
  const secrets = { ...scope, linkSecret, passcodeHash };
  const mixed = await envelope.mixPasscode(ports, secrets);
  const transcript = envelope.grantTranscript({
    ...scope,
    termsHash: envelope.termsHash(sha256, terms),
    recipientKeyId: envelope.NO_RECIPIENT_KEY,
  });
  const kek = await envelope.kek(ports, { linkSecret: mixed, transferShare, grantShare, transcript });
  return {
    typed,
    canonical,
    scope,
    terms,
    linkSecret,
    transferShare,
    grantShare,
    packageKey,
    passcodeHash,
    mixed,
    verifier: await envelope.passcodeVerifier(ports, secrets),
    slot: await envelope.sealSlot(ports, { kek, transcript, packageKey }),
  };
}

const passcodes = [await passcode("7k3qx 9mpa2"), await passcode("Grüße aus Köln – İ ①")];
const text = JSON.stringify(
  { passcodes },
  (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each),
  2,
);
writeFileSync(join(folder, "passcodes.json"), `${text}\n`, { flag: "wx" });
