/** The instance's own keys: one purpose each, a file each, made at the first start. */
import { join } from "node:path";
import {
  type Bytes,
  copyBytes,
  type CryptoPorts,
  hexText,
  type Sha256,
  type Signatures,
  utf8Bytes,
} from "@safeconduct/foundation";
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
  if (ledger === null) throw damaged(signerFile);
  const api = { privateKey: copyBytes(pair.subarray(0, KEY_BYTES)), publicKey: copyBytes(pair.subarray(KEY_BYTES)) };
  // A pair that does not fit would sign what nobody accepts, and nobody would say why.
  if (!(await fits(signatures, api.publicKey, api.privateKey))) throw damaged(join(folder, "api-signing.key"));
  if (!(await fits(signatures, ledger.key.publicKey, ledger.privateKey))) throw damaged(signerFile);
  const secrets = {
    api,
    ledger,
    urls: await secretBytes(join(folder, "blob-urls.key"), KEY_BYTES, draw),
    codes: await secretBytes(join(folder, "mailed-codes.key"), KEY_BYTES, draw),
    identity: await secretBytes(join(folder, "identity.key"), KEY_BYTES, draw),
  };
  await requireUnchanged(folder, sha256);
  return secrets;
}

/** Secrets that never change. The ledger's key does, when the log goes on under a new origin; its pair tells of damage. */
const LASTING = ["api-signing.key", "blob-urls.key", "mailed-codes.key", "identity.key"] as const;

/**
 * Nothing in 32 random bytes tells that one of them has changed: then nobody could sign in any more, and no line would say why.
 * So their digests stand beside them, in the form that `sha256sum --check` reads.
 */
async function requireUnchanged(folder: string, sha256: Sha256): Promise<void> {
  const lines: string[] = [];
  for (const name of LASTING) {
    lines.push(`${hexText(sha256(utf8Bytes(await secretText(join(folder, name), NEVER_MADE))))}  ${name}\n`);
  }
  const known = await secretText(join(folder, "checksums"), () => lines.join(""));
  if (known === lines.join("")) return;
  const changed = LASTING.filter((_name, at) => !known.includes(lines[at] ?? ""));
  const what = changed.length === 0 ? "checksums" : changed.join(", ");
  throw new StartFailure(
    EXIT.damaged,
    `In ${folder} ${what} does not fit the file checksums: one of them is damaged. Restore both from your backup.`,
  );
}

async function fits(signatures: Signatures, publicKey: Bytes, privateKey: Bytes): Promise<boolean> {
  const message = utf8Bytes("safeconduct/secrets/check");
  return signatures.verify(publicKey, message, await signatures.sign(privateKey, message));
}

const damaged = (file: string) =>
  new StartFailure(EXIT.damaged, `The secret ${file} is damaged. Restore it from your backup.`);

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
