/**
 * The HPKE port on any suite that has the functions of RFC 9180 under the names that they have there (§4, §6.1). What the suite is
 * made of, and on which platform, is the adapter's choice; how a message is laid out and what is refused is decided here, once.
 */
import { type Bytes, concatBytes, copyBytes } from "./bytes.ts";
import type { Hpke, HpkeKeyPair } from "./ports.ts";

export interface HpkeSuite<Key> {
  readonly KEM: { readonly Nenc: number; readonly Npk: number; readonly Nsk: number };
  GenerateKeyPair(extractable: boolean): Promise<{ readonly publicKey: Key; readonly privateKey: Key }>;
  SerializePublicKey(key: Key): Promise<Uint8Array>;
  SerializePrivateKey(key: Key): Promise<Uint8Array>;
  DeserializePublicKey(key: Bytes): Promise<Key>;
  DeserializePrivateKey(key: Bytes): Promise<Key>;
  Seal(
    publicKey: Key,
    plaintext: Bytes,
    options: { readonly info: Bytes; readonly aad: Bytes },
  ): Promise<{ readonly encapsulatedSecret: Uint8Array; readonly ciphertext: Uint8Array }>;
  Open(
    privateKey: Key,
    encapsulatedSecret: Bytes,
    ciphertext: Bytes,
    options: { readonly info: Bytes; readonly aad: Bytes },
  ): Promise<Uint8Array>;
}

/** Key and `enc` lengths are the suite's; others are refused before any key is made. */
export function hpkeOn<Key>(suite: HpkeSuite<Key>): Hpke {
  const { Nenc, Npk, Nsk } = suite.KEM;
  return {
    async generateKeyPair(): Promise<HpkeKeyPair> {
      const { publicKey, privateKey } = await suite.GenerateKeyPair(true);
      return {
        publicKey: copyBytes(await suite.SerializePublicKey(publicKey)),
        privateKey: copyBytes(await suite.SerializePrivateKey(privateKey)),
      };
    },

    async seal({ publicKey, info, aad, plaintext }): Promise<Bytes> {
      if (publicKey.length !== Npk) throw new RangeError(`an HPKE public key has ${Npk} bytes`);
      const recipient = await suite.DeserializePublicKey(publicKey);
      const { encapsulatedSecret, ciphertext } = await suite.Seal(recipient, plaintext, { info, aad });
      return concatBytes(encapsulatedSecret, ciphertext);
    },

    async open({ privateKey, info, aad, sealed }): Promise<Bytes | null> {
      if (privateKey.length !== Nsk) throw new RangeError(`an HPKE private key has ${Nsk} bytes`);
      const recipient = await suite.DeserializePrivateKey(privateKey);
      try {
        return copyBytes(await suite.Open(recipient, sealed.subarray(0, Nenc), sealed.subarray(Nenc), { info, aad }));
      } catch {
        return null;
      }
    },
  };
}
