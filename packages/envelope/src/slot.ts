/**
 * A slot: the package key P under the KEK of one grant. version ‖ suite ‖ IV ‖ AES-256-GCM(P) ‖ tag, 62 bytes, with
 * the grant's transcript as AAD.
 *
 * Nonces: a KEK is derived from a fresh S and a fresh G and wraps one P once. The IV is random all the same, so that
 * sealing again after a crash is safe too. GCM does not commit to its key; it need not here: a P other than the
 * sender's fails at the first FLOE header, which does.
 */
import { type Aead, BinaryWriter, type Bytes, copyBytes, type Random } from "@safeconduct/foundation";
import { FORMAT_VERSION, IV_BYTES, requireSecret, SECRET_BYTES, SUITE, TAG_BYTES } from "./suite.ts";

const PREFIX_BYTES = 2;
export const SLOT_BYTES = PREFIX_BYTES + IV_BYTES + SECRET_BYTES + TAG_BYTES;

/** The 62 bytes of a slot. `kek` and `packageKey` have 32 bytes; `transcript` is `grantTranscript`'s. */
export async function sealSlot(
  { aead, random }: { aead: Aead; random: Random },
  { kek, transcript, packageKey }: { kek: Bytes; transcript: Bytes; packageKey: Bytes },
): Promise<Bytes> {
  requireSecret(packageKey);
  const iv = random.bytes(IV_BYTES);
  const key = await aead.importKey(kek);
  const sealed = await key.seal({ iv, plaintext: packageKey, aad: transcript });
  return new BinaryWriter()
    .u8(FORMAT_VERSION)
    .u8(SUITE)
    .fixed(iv, IV_BYTES)
    .fixed(sealed, SECRET_BYTES + TAG_BYTES)
    .bytes();
}

/** P (32 bytes), or null for any slot that this KEK and transcript do not open, whatever the reason. */
export async function openSlot(
  { aead }: { aead: Aead },
  { kek, transcript, slot }: { kek: Bytes; transcript: Bytes; slot: Bytes },
): Promise<Bytes | null> {
  if (slot.length !== SLOT_BYTES || slot[0] !== FORMAT_VERSION || slot[1] !== SUITE) return null;
  const key = await aead.importKey(kek);
  return key.open({
    iv: copyBytes(slot.subarray(PREFIX_BYTES, PREFIX_BYTES + IV_BYTES)),
    ciphertext: copyBytes(slot.subarray(PREFIX_BYTES + IV_BYTES)),
    aad: transcript,
  });
}
