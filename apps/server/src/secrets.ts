/** The instance's own keys: one purpose each, a file each, made at the first start. */
import { join } from "node:path";
import { type Bytes, copyBytes, type CryptoPorts, hexText } from "@safeconduct/foundation";
import { ED25519_KEY, formatSignerFile, makeVerifierKey, type NoteSigner, parseSignerFile } from "@safeconduct/ledger";
import { EXIT, StartFailure } from "./exit.ts";
import { NEVER_MADE, secretBytes, secretText } from "./home-folder.ts";

export interface Secrets {
  /** Signs release authorisations and requests to the key service. */
  readonly api: { readonly publicKey: Bytes; readonly privateKey: Bytes };
  /** Signs checkpoints; its name is the origin of the log. */
  readonly ledger: NoteSigner;
  /** Signs blob URLs. */
  readonly urls: Bytes;
  /** Under which mailed codes are made and hashed. */
  readonly codes: Bytes;
  /** Protects authenticator secrets and passwords in the database. */
  readonly identity: Bytes;
}

const KEY_BYTES = 32;
const ORIGIN_BYTES = 8;

/**
 * `isNew`: secrets that are missing are made. An instance that has worked before has them all, and a fresh one in the place of
 * one that was lost would shut out everybody it was for, without a word.
 */
export async function openSecrets(
  folder: string,
  { signatures, sha256, random }: Pick<CryptoPorts, "signatures" | "sha256" | "random">,
  { isNew }: { isNew: boolean },
): Promise<Secrets> {
  const orMissing = <Made>(make: () => Made) => (isNew ? make : NEVER_MADE);
  const draw = orMissing(() => random.bytes(KEY_BYTES));
  const drawPair = orMissing(async () => {
    const made = await signatures.generateKeyPair();
    return copyBytes(Buffer.concat([made.privateKey, made.publicKey]));
  });
  const pair = await secretBytes(join(folder, "api-signing.key"), 2 * KEY_BYTES, drawPair);
  const signerFile = join(folder, "ledger-signing.key");
  const drawLedger = orMissing(() => drawSigner({ signatures, sha256, random }));
  const ledger = parseSignerFile(sha256, await secretText(signerFile, drawLedger));
  if (ledger === null)
    throw new StartFailure(EXIT.damaged, `The secret ${signerFile} is damaged. Restore it from your backup.`);
  return {
    api: { privateKey: copyBytes(pair.subarray(0, KEY_BYTES)), publicKey: copyBytes(pair.subarray(KEY_BYTES)) },
    ledger,
    urls: await secretBytes(join(folder, "blob-urls.key"), KEY_BYTES, draw),
    codes: await secretBytes(join(folder, "mailed-codes.key"), KEY_BYTES, draw),
    identity: await secretBytes(join(folder, "identity.key"), KEY_BYTES, draw),
  };
}

async function drawSigner({
  signatures,
  sha256,
  random,
}: Pick<CryptoPorts, "signatures" | "sha256" | "random">): Promise<string> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  // The origin outlives ports and host names, so it is drawn once.
  const name = `safeconduct/${hexText(random.bytes(ORIGIN_BYTES))}`;
  const key = makeVerifierKey(sha256, { name, type: ED25519_KEY, publicKey });
  return formatSignerFile({ key, privateKey });
}
