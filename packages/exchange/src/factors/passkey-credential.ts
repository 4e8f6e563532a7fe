/** A passkey as its row keeps it. Nothing in it is secret. */
import { BinaryReader, BinaryWriter, type Bytes } from "@safeconduct/foundation";

const VERSION = 1;

/** Which passkey it is, and the key that its answers are checked with. */
export interface PasskeyCredential {
  /** As the device chose it, 16 to 1023 bytes. */
  readonly credentialId: Bytes;
  /** COSE_Key (RFC 9052 §7). */
  readonly publicKey: Bytes;
}

/** Version byte 1 ‖ vector of the id ‖ vector of the public key. */
export function encodePasskey({ credentialId, publicKey }: PasskeyCredential): Bytes {
  return new BinaryWriter().u8(VERSION).vector(credentialId).vector(publicKey).bytes();
}

/** Throws for what {@link encodePasskey} does not write. */
export function decodePasskey(stored: Bytes): PasskeyCredential {
  const reader = new BinaryReader(stored);
  if (reader.u8() !== VERSION) throw new Error("a passkey that a newer version wrote");
  const credential = { credentialId: reader.vector(), publicKey: reader.vector() };
  reader.end();
  return credential;
}
