/** What a key outside the database protects of recipients' factors. Nothing here waits, so it may be asked inside a transaction. */
import type { Bytes, FactorId, OrganisationId } from "@safeconduct/foundation";

export interface FactorSecrets {
  /** Keyed, 32 bytes, the same for every spelling of the address in letter case, and another one at another organisation. */
  addressDigest(of: { organisation: OrganisationId; address: string }): Bytes;
  /**
   * A fresh secret for an authenticator app. `credential` is what is stored, sealed to this factor; the others are shown once:
   * `secret` is the base32 of the key in `otpauthUri`, for typing it in.
   */
  drawAuthenticator(of: { factor: FactorId; issuer: string; address: string }): {
    credential: Bytes;
    otpauthUri: string;
    secret: string;
  };
  /**
   * The time step that attacker-controlled `code` belongs to, among those accepted at `now` that come after `lastStep`
   * (RFC 6238: SHA-1, 6 digits, 30 s, one step early or late). Null when there is none. Throws for a credential of another factor.
   */
  acceptedStep(attempt: {
    factor: FactorId;
    credential: Bytes;
    code: string;
    now: number;
    lastStep: number;
  }): number | null;
}
