/**
 * Writes the golden file of terms with a second factor (version 2), one of each kind.
 * It must decode for ever, so nothing here overwrites.
 *
 * Usage: node tests/integration/terms-golden.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { encodeTerms, type SecondFactor, termsHash } from "@safeconduct/envelope";
import { drawId, hexText } from "@safeconduct/foundation";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: terms-golden.ts FOLDER");
mkdirSync(folder);

const { random, sha256 } = nodeCrypto();
const factors: readonly SecondFactor[] = [
  { kind: "passcode", cost: 1, salt: random.bytes(16) },
  { kind: "authenticator" },
  { kind: "passkey" },
];
const terms = factors.map((secondFactor) => {
  const each = {
    organisation: drawId("organisation", random),
    transfer: drawId("transfer", random),
    grant: drawId("grant", random),
    kind: "recipient",
    profile: "downloadable",
    purpose: "TREAT",
    notBefore: 1_750_000_000_000,
    notAfter: 1_750_172_800_000,
    releaseCap: 3,
    secondFactor,
  } as const;
  const encoded = encodeTerms(each);
  return { terms: each, encoded, termsHash: termsHash(sha256, encoded) };
});
const text = JSON.stringify({ terms }, (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each), 2);
writeFileSync(join(folder, "terms.json"), `${text}\n`, { flag: "wx" });
