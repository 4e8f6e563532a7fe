/**
 * Intake keys: the HPKE keys to which F and G are sealed on their way to the key service. They live for hours, so that
 * whoever recorded sealed shares and takes the key service over later finds no private key for them any more. The key
 * service signs each with the key that clients have pinned.
 */
import type { Bytes, Signatures } from "@safeconduct/foundation";
import { domainWriter } from "./suite.ts";

export interface IntakeKey {
  /** HPKE public key of the suite. */
  readonly publicKey: Bytes;
  /** Milliseconds since the Unix epoch: when shares may be sealed to it. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface SignedIntakeKey extends IntakeKey {
  /** Ed25519, 64 bytes, by the key service. */
  readonly signature: Bytes;
}

/** `privateKey`: the 32-byte seed of the key service's signing key. */
export async function signIntakeKey(
  { signatures }: { signatures: Signatures },
  { privateKey, key }: { privateKey: Bytes; key: IntakeKey },
): Promise<SignedIntakeKey> {
  return { ...key, signature: await signatures.sign(privateKey, signedMessage(key)) };
}

/** Whether the key service of `signingPublicKey` signed this key with these times. The caller compares the times. */
export function verifyIntakeKey(
  { signatures }: { signatures: Signatures },
  { signingPublicKey, key }: { signingPublicKey: Bytes; key: SignedIntakeKey },
): Promise<boolean> {
  return signatures.verify(signingPublicKey, signedMessage(key), key.signature);
}

function signedMessage({ publicKey, notBefore, notAfter }: IntakeKey): Bytes {
  return domainWriter("intake-key").vector(publicKey).u64(notBefore).u64(notAfter).bytes();
}
