/**
 * HPKE base mode (RFC 9180) with MLKEM768-P256 (draft-ietf-hpke-pq), HKDF-SHA-256 and AES-256-GCM.
 * The library runs on Node's own ML-KEM, P-256 and AES; a harvested message stays closed unless both KEMs fall.
 */
import { type Hpke, hpkeOn } from "@safeconduct/foundation";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_P256 } from "hpke";

export function nodeHpke(): Hpke {
  return hpkeOn(new CipherSuite(KEM_MLKEM768_P256, KDF_HKDF_SHA256, AEAD_AES_256_GCM));
}
