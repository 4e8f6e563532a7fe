/**
 * The file `custodians` of the key folder: who may say that the clock is right, one Ed25519 public key in hexadecimal on
 * a line. The operator writes it; what stands behind `#` is for people. Nobody reaches it through the API.
 */
import { type Bytes, equalBytes, hexBytes, utf8Text } from "@safeconduct/foundation";
import { CUSTODIANS_NEEDED, DamagedStore, SIGNING_KEY_BYTES } from "@safeconduct/keyring";

/** More people than that are not two people any more. */
const CUSTODIAN_LIMIT = 20;

/** None if there is no file. Throws `DamagedStore` if a line is no key, one stands twice, or one alone is there. */
export function readCustodians(file: Bytes | null): readonly Bytes[] {
  if (file === null) return [];
  const text = utf8Text(file);
  if (text === null) throw damaged();
  const lines = text.split("\n").map((line) => (line.split("#")[0] ?? "").trim());
  const keys = lines.filter((line) => line !== "").map(readKey);
  const isTwice = keys.some((key, at) => keys.slice(0, at).some((earlier) => equalBytes(earlier, key)));
  if (isTwice || keys.length < CUSTODIANS_NEEDED || keys.length > CUSTODIAN_LIMIT) throw damaged();
  return keys;
}

function readKey(line: string): Bytes {
  const key = hexBytes(line);
  if (key?.length !== SIGNING_KEY_BYTES) throw damaged();
  return key;
}

function damaged(): DamagedStore {
  return new DamagedStore(
    `the file "custodians" needs ${CUSTODIANS_NEEDED} to ${CUSTODIAN_LIMIT} different keys, one on a line`,
  );
}
