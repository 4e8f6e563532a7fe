/**
 * Writes the golden file of terms that ask something of the recipient (version 3).
 * It must decode for ever, so nothing here overwrites.
 *
 * Usage: node tests/integration/conditions-golden.ts FOLDER
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { encodeTerms, type GrantTerms, termsHash } from "@safeconduct/envelope";
import { drawId, hexText } from "@safeconduct/foundation";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: conditions-golden.ts FOLDER");
mkdirSync(folder);

const { random, sha256 } = nodeCrypto();
type Asked = Pick<GrantTerms, "profile" | "secondFactor" | "closesOnReceipt" | "conditions">;
const passcode = { kind: "passcode", cost: 1, salt: random.bytes(16) } as const;
const asked: readonly Asked[] = [
  { profile: "downloadable", closesOnReceipt: true },
  { profile: "viewable", secondFactor: { kind: "passkey" }, conditions: { mayStore: false, deleteByDays: null } },
  { profile: "downloadable", conditions: { mayStore: true, deleteByDays: null } },
  {
    profile: "downloadable",
    secondFactor: passcode,
    closesOnReceipt: true,
    conditions: { mayStore: true, deleteByDays: 3650 },
  },
];
const terms = asked.map((each) => {
  const whole = {
    organisation: drawId("organisation", random),
    transfer: drawId("transfer", random),
    grant: drawId("grant", random),
    kind: "recipient",
    purpose: "TREAT",
    notBefore: 1_790_000_000_000,
    notAfter: 1_790_172_800_000,
    releaseCap: 3,
    ...each,
  } as const;
  const encoded = encodeTerms(whole);
  return { terms: whole, encoded, termsHash: termsHash(sha256, encoded) };
});
const text = JSON.stringify({ terms }, (_key, each: unknown) => (each instanceof Uint8Array ? hexText(each) : each), 2);
writeFileSync(join(folder, "terms.json"), `${text}\n`, { flag: "wx" });
