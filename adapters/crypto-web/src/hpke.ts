/**
 * HPKE base mode (RFC 9180) with MLKEM768-P256 (draft-ietf-hpke-pq), HKDF-SHA-256 and AES-256-GCM.
 * The KEM is WebCrypto's where the browser has ML-KEM, else `@panva/hpke-noble`; both write the same bytes.
 */
import { type Hpke, hpkeOn } from "@safeconduct/foundation";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, type KEMFactory, KEM_MLKEM768_P256 } from "hpke";

/** The library's own ML-KEM where it works, else the JavaScript one. */
export async function loadHpke(): Promise<Hpke> {
  const native = suiteWith(KEM_MLKEM768_P256);
  try {
    await native.GenerateKeyPair(true);
    return hpkeOn(native);
  } catch {
    return loadNobleHpke();
  }
}

/** HPKE with the JavaScript KEM; loaded only where it is needed. */
export async function loadNobleHpke(): Promise<Hpke> {
  const noble = await import("@panva/hpke-noble");
  return hpkeOn(suiteWith(noble.KEM_MLKEM768_P256));
}

function suiteWith(kem: KEMFactory): CipherSuite {
  return new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}
