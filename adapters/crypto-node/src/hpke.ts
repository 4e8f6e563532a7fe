/**
 * HPKE base mode (RFC 9180) with MLKEM768-P256 (draft-ietf-hpke-pq), HKDF-SHA-256 and AES-256-GCM.
 * The library runs on Node's own ML-KEM, P-256 and AES; a harvested message stays closed unless both KEMs fall.
 */
import { type Bytes, concatBytes, copyBytes, type Hpke, type HpkeKeyPair } from "@safeconduct/foundation";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_P256 } from "hpke";

export function nodeHpke(): Hpke {
  return hpkeOn(new CipherSuite(KEM_MLKEM768_P256, KDF_HKDF_SHA256, AEAD_AES_256_GCM));
}

/** The port on any suite of the library. Key and `enc` lengths are the suite's; others are refused before any key is made. */
export function hpkeOn(suite: CipherSuite): Hpke {
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
