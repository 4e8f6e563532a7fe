/**
 * Who a member is: accounts, passwords and authenticators. Sessions are not here: they are records of the Store,
 * opened by the use case that called {@link Identity.signIn}, whatever the member signed in with.
 * Levels follow NIST SP 800-63B-4: a password with a one-time code is AAL2.
 */
import type { MemberId } from "@safeconduct/foundation";

/**
 * No method may be called inside a Store transaction: password hashing takes tens of milliseconds, and an embedded
 * database has one writer. Enrol and confirm first, then commit what depends on it; both may be repeated after a crash.
 */
export interface Identity {
  /**
   * Makes the account with its password and an authenticator that is not confirmed yet. Until it is confirmed a
   * repeated call for the same member replaces both, and an account that was never confirmed yields its address.
   * The answer is shown once: `secret` is the base32 of the key in `otpauthUri`, for typing it in.
   * `address` must be parsed already; letter case does not matter.
   * @throws Problem with an {@link IdentityProblemCode}
   */
  enrol(request: EnrolmentRequest): Promise<{ otpauthUri: string; secret: string }>;
  /**
   * True when `code` is the authenticator's now (RFC 6238: SHA-1, 6 digits, 30 s, one step early or late) and was not
   * used before; activates the account. Failures count as in {@link signIn}.
   * The code is spent: open a session at once instead of asking for the next one.
   */
  confirmAuthenticator(request: { member: MemberId; code: string }): Promise<boolean>;
  /**
   * The member, if password and code are both right. Null otherwise, with the same work done for an unknown address,
   * an unconfirmed account, a wrong password, a wrong or used code, and an account that waits after failures.
   */
  signIn(request: { address: string; password: string; code: string }): Promise<{ member: MemberId } | null>;
  /**
   * A new password for the member's account, looked at by the rules of {@link enrol} and hashed. Nothing changes before `takeEffect` is
   * called: from then on only the new one is right. False when there is no active account. What was counted stays counted.
   * @throws Problem with an {@link IdentityProblemCode} of the password's rules
   */
  preparePassword(request: EnrolmentRequest): Promise<{ takeEffect(): Promise<boolean> }>;
  /** Forgets the account with its secrets. Its sessions are the caller's to end. No error when there is none. */
  remove(member: MemberId): Promise<void>;
}

export interface EnrolmentRequest {
  readonly member: MemberId;
  readonly address: string;
  readonly name: string;
  /** 15 to 128 Unicode code points after NFC, any characters, and not guessable (SP 800-63B-4 §3.1.1.2). */
  readonly password: string;
}

/** What {@link Identity.enrol} can refuse. */
export type IdentityProblemCode =
  | "identity/password-too-short"
  | "identity/password-too-long"
  /** A lone surrogate or an unassigned code point: it would not be the same bytes everywhere (UAX #15 §12.1). */
  | "identity/password-characters"
  /** Nothing but commonest words, sequences, repetitions or the person's own name and address. */
  | "identity/password-guessable"
  | "identity/already-enrolled"
  | "identity/address-taken";
