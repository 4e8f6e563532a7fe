/**
 * What the identity key protects. It is a file of 32 random bytes beside the other secrets, in no database and no
 * database backup; three keys are derived from it (HKDF-SHA-256, RFC 5869), one purpose each. Without it nobody can
 * sign in by password and every member enrols again; with a stolen database alone nobody can guess a password.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import {
  base64UrlBytes,
  base64UrlText,
  BinaryReader,
  BinaryWriter,
  type Bytes,
  copyBytes,
  type MemberId,
  type Random,
} from "@safeconduct/foundation";

export const IDENTITY_KEY_BYTES = 32;
const SEALED_VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface IdentityKeys {
  /** Argon2's secret value K (RFC 9106 §3.1), 32 bytes. */
  readonly pepper: Bytes;
  /** What an address is looked up by: HMAC-SHA-256 of it in NFKC and lower case, base64url. */
  addressDigest(address: string): string;
  /** Version byte 1, IV, AES-256-GCM of the secret bound to the member, tag; base64url. */
  sealSecret(member: MemberId, secret: Uint8Array): string;
  /** Throws when the row was changed, belongs to another member or was sealed under another key. */
  openSecret(member: string, sealed: string): Bytes;
}

/** @throws RangeError when `key` has not 32 bytes. */
export function identityKeys(key: Uint8Array, random: Random): IdentityKeys {
  if (key.length !== IDENTITY_KEY_BYTES) throw new RangeError(`the identity key has ${IDENTITY_KEY_BYTES} bytes`);
  const lookUpKey = derive(key, "address");
  const sealingKey = derive(key, "totp secret");
  return {
    pepper: derive(key, "password pepper"),

    addressDigest(address) {
      const text = address.normalize("NFKC").toLowerCase();
      return base64UrlText(createHmac("sha256", lookUpKey).update(text).digest());
    },

    sealSecret(member, secret) {
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", sealingKey, iv).setAAD(secretAad(member));
      const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
      return base64UrlText(new BinaryWriter().u8(SEALED_VERSION).fixed(iv, IV_BYTES).vector(ciphertext).bytes());
    },

    openSecret(member, sealed) {
      const reader = new BinaryReader(base64UrlBytes(sealed) ?? new Uint8Array());
      if (reader.u8() !== SEALED_VERSION) throw new Error("sealed by a newer version");
      const iv = reader.fixed(IV_BYTES);
      const ciphertext = reader.vector();
      reader.end();
      const decipher = createDecipheriv("aes-256-gcm", sealingKey, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(secretAad(member)).setAuthTag(ciphertext.subarray(-TAG_BYTES));
      return copyBytes(Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]));
    },
  };
}

function derive(key: Uint8Array, purpose: string): Bytes {
  return new Uint8Array(hkdfSync("sha256", key, "", `safeconduct/identity/v1/${purpose}`, 32));
}

function secretAad(member: string): Bytes {
  return new BinaryWriter().text("safeconduct/identity/totp").u8(SEALED_VERSION).text(member).bytes();
}
