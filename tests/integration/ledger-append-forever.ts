/** Child of ledger-kill.test.ts: appends the same known leaves, batch by batch, and says what it has acknowledged. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { utf8Bytes } from "@safeconduct/foundation";
import { LedgerWriter, makeVerifierKey, parseSignerKey } from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";

const [folder = "", signerText = "", publicKeyText = ""] = process.argv.slice(2);
const { sha256, signatures } = nodeCrypto();
const parsed = parseSignerKey(signerText);
if (parsed === null) throw new Error("not a signer key");
const publicKey = new Uint8Array(Buffer.from(publicKeyText, "hex"));
const key = makeVerifierKey(sha256, { name: parsed.name, type: parsed.type, publicKey });
const store = await openTileStore(folder);
const writer = await LedgerWriter.open({
  sha256,
  signatures,
  store,
  signer: { key, privateKey: parsed.privateKey },
});
for (;;) {
  const batch = Array.from({ length: 1 + (writer.size % 37) }, (_, i) => utf8Bytes(`leaf ${writer.size + i}`));
  await writer.append(batch);
  process.stdout.write(`${writer.size}\n`);
}
