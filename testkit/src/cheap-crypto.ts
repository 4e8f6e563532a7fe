/**
 * Public-key cryptography that only looks like it: whoever has a public key can open and sign, and a passcode is hashed at once. It keeps every length and
 * failure of the real one and costs microseconds, for tests that take tens of thousands of steps.
 */
import {
  concatBytes,
  type CryptoPorts,
  type Hpke,
  type PasswordHash,
  type Sha256,
  type Signatures,
} from "@safeconduct/foundation";

const TAG_BYTES = 32;

export function cheapCrypto(real: CryptoPorts): CryptoPorts {
  return {
    ...real,
    hpke: cheapHpke(real),
    passwordHash: cheapPasswordHash(real),
    signatures: cheapSignatures(real),
  };
}

function cheapHpke({ sha256, random }: CryptoPorts): Hpke {
  const mask = (key: Uint8Array, length: number) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) => sha256(key, Uint8Array.of(at)));
    return concatBytes(...blocks).subarray(0, length);
  };
  const masked = (key: Uint8Array, text: Uint8Array) => {
    const stream = mask(key, text.length);
    return Uint8Array.from(text, (byte, at) => byte ^ (stream[at] ?? 0));
  };
  return {
    async generateKeyPair() {
      const privateKey = random.bytes(32);
      return { privateKey, publicKey: sha256(privateKey) };
    },
    async seal({ publicKey, info, aad, plaintext }) {
      if (publicKey.length !== 32) throw new RangeError("not a key of this scene");
      const key = sha256(publicKey, info, aad);
      const hidden = masked(key, plaintext);
      return concatBytes(sha256(key, hidden), hidden);
    },
    async open({ privateKey, info, aad, sealed }) {
      const key = sha256(sha256(privateKey), info, aad);
      const hidden = sealed.slice(TAG_BYTES);
      const tag = sha256(key, hidden);
      return tag.every((byte, at) => byte === sealed[at]) ? masked(key, hidden) : null;
    },
  };
}

function cheapPasswordHash({ sha256 }: { sha256: Sha256 }): PasswordHash {
  return { argon2id: async ({ password, salt }) => sha256(salt, sha256(password)) };
}

function cheapSignatures({ sha256, random }: { sha256: Sha256; random: CryptoPorts["random"] }): Signatures {
  const signature = (publicKey: Uint8Array, message: Uint8Array) =>
    concatBytes(sha256(publicKey, message), sha256(message, publicKey));
  return {
    async generateKeyPair() {
      const privateKey = random.bytes(32);
      return { privateKey, publicKey: sha256(privateKey) };
    },
    sign: async (privateKey, message) => signature(sha256(privateKey), message),
    verify: async (publicKey, message, given) => {
      const right = signature(publicKey, message);
      return given.length === right.length && right.every((byte, at) => byte === given[at]);
    },
  };
}
