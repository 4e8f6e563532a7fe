/** What recipients' factors need from outside: a key that is not in the database, and the checks of passkeys. */
import type { Bytes, FactorId, OrganisationId } from "@safeconduct/foundation";
import type { PasskeyCredential } from "./passkey-credential.ts";

/** Nothing here waits, so it may be asked inside a transaction. */
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

/** What a device says when it has made a passkey. Attacker-controlled. */
export interface PasskeyRegistration {
  readonly credentialId: Bytes;
  /** The browser's JSON of what was asked and where, as UTF-8. */
  readonly clientData: Bytes;
  /** CBOR. */
  readonly attestationObject: Bytes;
}

/** What a device says when it uses a passkey. Attacker-controlled. */
export interface PasskeyAssertion {
  readonly credentialId: Bytes;
  readonly clientData: Bytes;
  readonly authenticatorData: Bytes;
  readonly signature: Bytes;
}

/**
 * The checks of a relying party (WebAuthn Level 3 §7.1 and §7.2): challenge, origin, relying party, presence and verification of the
 * user, signature. Not the counter, which is the database's to hold. Never asked inside a transaction.
 */
export interface Passkeys {
  /** The host name that passkeys are bound to. */
  rpId(): string;
  /** The new passkey, or null where anything is wrong. */
  registered(of: {
    challenge: Bytes;
    registration: PasskeyRegistration;
  }): Promise<(PasskeyCredential & { counter: number }) | null>;
  /** The signature counter that the device gave, or null where anything is wrong. */
  asserted(of: {
    challenge: Bytes;
    credential: PasskeyCredential;
    assertion: PasskeyAssertion;
  }): Promise<{ counter: number } | null>;
}
