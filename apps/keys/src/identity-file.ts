/** The key service's own keys as the file `identity` of its folder (docs/formats/ring.md): made once, never in the ring. */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type CryptoPorts,
  MalformedBinary,
  utf8Bytes,
} from "@safeconduct/foundation";
import { DamagedStore, type KeyServiceIdentity } from "@safeconduct/keyring";

const MAGIC = utf8Bytes("SCKI");
const FORMAT_VERSION = 1;
const KEY_LIMIT_BYTES = 8_192;

export async function drawIdentity({ hpke, signatures }: Pick<CryptoPorts, "hpke" | "signatures">): Promise<Bytes> {
  const [sealing, signing] = [await hpke.generateKeyPair(), await signatures.generateKeyPair()];
  const writer = new BinaryWriter().fixed(MAGIC, MAGIC.length).u8(FORMAT_VERSION);
  writer.vector(sealing.publicKey).vector(sealing.privateKey);
  return writer.vector(signing.publicKey).vector(signing.privateKey).bytes();
}

/** Throws `DamagedStore`. */
export function readIdentity(file: Bytes): KeyServiceIdentity {
  try {
    const reader = new BinaryReader(file);
    const known = reader.fixed(MAGIC.length).every((byte, at) => byte === MAGIC[at]) && reader.u8() === FORMAT_VERSION;
    if (!known) throw new MalformedBinary("not an identity file");
    const readPair = () => ({
      publicKey: reader.vector(KEY_LIMIT_BYTES),
      privateKey: reader.vector(KEY_LIMIT_BYTES),
    });
    const identity = { hpke: readPair(), signing: readPair() };
    reader.end();
    return identity;
  } catch (error) {
    if (error instanceof MalformedBinary) throw new DamagedStore("the identity file is damaged");
    throw error;
  }
}
