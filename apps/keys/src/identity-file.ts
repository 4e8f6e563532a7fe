/** The key service's own key as the file `identity` of its folder (docs/formats/ring.md): made once, never in the ring. */
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
/** Version 1 also held an HPKE key pair that shares were sealed to for good; it is read and not used. */
const FORMAT_VERSION = 2;
const KEY_LIMIT_BYTES = 8_192;

export async function drawIdentity({ signatures }: Pick<CryptoPorts, "signatures">): Promise<Bytes> {
  const signing = await signatures.generateKeyPair();
  const writer = new BinaryWriter().fixed(MAGIC, MAGIC.length).u8(FORMAT_VERSION);
  return writer.vector(signing.publicKey).vector(signing.privateKey).bytes();
}

/** Throws `DamagedStore`. */
export function readIdentity(file: Bytes): KeyServiceIdentity {
  try {
    const reader = new BinaryReader(file);
    const known = reader.fixed(MAGIC.length).every((byte, at) => byte === MAGIC[at]);
    const version = reader.u8();
    if (!known || version < 1 || version > FORMAT_VERSION) throw new MalformedBinary("not an identity file");
    const readPair = () => ({
      publicKey: reader.vector(KEY_LIMIT_BYTES),
      privateKey: reader.vector(KEY_LIMIT_BYTES),
    });
    if (version === 1) readPair().privateKey.fill(0);
    const signing = readPair();
    reader.end();
    return { signing };
  } catch (error) {
    if (error instanceof MalformedBinary) throw new DamagedStore("the identity file is damaged");
    throw error;
  }
}
