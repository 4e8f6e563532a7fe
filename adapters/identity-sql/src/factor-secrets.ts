/**
 * What the identity key protects of recipients' second factors: which row belongs to an address, and the secrets of their
 * authenticators. Two keys of their own are derived from it; members' rows and recipients' never open one another.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { FactorSecrets } from "@safeconduct/exchange";
import { BinaryReader, BinaryWriter, type Bytes, copyBytes, type FactorId, type Random } from "@safeconduct/foundation";
import { IDENTITY_KEY_BYTES } from "./identity-keys.ts";
import { acceptedStep, base32Text, otpauthUri, TOTP_SECRET_BYTES } from "./totp.ts";

const SEALED_VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @throws RangeError when `key` has not 32 bytes */
export function factorSecrets({ key, random }: { key: Uint8Array; random: Random }): FactorSecrets {
  if (key.length !== IDENTITY_KEY_BYTES) throw new RangeError(`the identity key has ${IDENTITY_KEY_BYTES} bytes`);
  const addressKey = derive(key, "address");
  const sealingKey = derive(key, "authenticator");
  return {
    addressDigest({ organisation, address }) {
      // The id has one length: nothing moves between it and the address.
      const text = `${organisation} ${address.normalize("NFKC").toLowerCase()}`;
      return copyBytes(createHmac("sha256", addressKey).update(text).digest());
    },
    drawAuthenticator({ factor, issuer, address }) {
      const secret = random.bytes(TOTP_SECRET_BYTES);
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", sealingKey, iv).setAAD(aad(factor));
      const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
      return {
        credential: new BinaryWriter().u8(SEALED_VERSION).fixed(iv, IV_BYTES).vector(ciphertext).bytes(),
        otpauthUri: otpauthUri({ issuer, address, secret }),
        secret: base32Text(secret),
      };
    },
    acceptedStep: ({ factor, credential, ...attempt }) =>
      acceptedStep({ ...attempt, secret: open(sealingKey, { factor, credential }) }),
  };
}

/** Throws when the row was changed, belongs to another factor or was sealed under another key. */
function open(sealingKey: Bytes, { factor, credential }: { factor: FactorId; credential: Bytes }): Bytes {
  const reader = new BinaryReader(credential);
  if (reader.u8() !== SEALED_VERSION) throw new Error("sealed by a newer version");
  const iv = reader.fixed(IV_BYTES);
  const ciphertext = reader.vector();
  reader.end();
  const decipher = createDecipheriv("aes-256-gcm", sealingKey, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad(factor)).setAuthTag(ciphertext.subarray(-TAG_BYTES));
  return copyBytes(Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]));
}

const derive = (key: Uint8Array, purpose: string): Bytes =>
  new Uint8Array(hkdfSync("sha256", key, "", `safeconduct/recipient-factor/v1/${purpose}`, 32));

const aad = (factor: FactorId): Bytes =>
  new BinaryWriter().text("safeconduct/recipient-factor").u8(SEALED_VERSION).text(factor).bytes();
