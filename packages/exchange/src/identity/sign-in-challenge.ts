/**
 * What a member's passkey signs: drawn for one holder (a browser before its sign-in, or a session) and one purpose, answered once,
 * right or wrong, and replaced by a newer one.
 */
import { type Bytes, concatBytes, equalBytes, type Random, type Sha256, utf8Bytes } from "@safeconduct/foundation";
import type { Transaction, View } from "../store.ts";

const CHALLENGE_BYTES = 32;
/** A person may look for a security key first. */
export const SIGN_IN_CHALLENGE_LIFE_MS = 5 * 60 * 1000;

/** Each has a challenge of its own: what was asked for to unlock adds no passkey. */
type ChallengePurpose = "sign-in" | "proof" | "enrolment";

/** `bearerHash`: SHA-256 of the secret that the holder carries. */
export interface ChallengeHolder {
  readonly bearerHash: Bytes;
  readonly purpose: ChallengePurpose;
}

const holderOf = (sha256: Sha256, { bearerHash, purpose }: ChallengeHolder): Bytes =>
  sha256(concatBytes(utf8Bytes(`safeconduct/challenge/${purpose}\n`), bearerHash));

/** 32 bytes that this holder may answer from now on. */
export async function drawSignInChallenge(
  tx: Transaction,
  { of, now, random, sha256 }: { of: ChallengeHolder; now: number; random: Random; sha256: Sha256 },
): Promise<Bytes> {
  const challenge = random.bytes(CHALLENGE_BYTES);
  await tx.saveChallenge({ holder: holderOf(sha256, of), challenge, expiresAt: now + SIGN_IN_CHALLENGE_LIFE_MS });
  return challenge;
}

/** What the holder was asked last; null where nothing is, or it was too long ago. */
export async function heldChallenge(
  view: View,
  { of, now, sha256 }: { of: ChallengeHolder; now: number; sha256: Sha256 },
): Promise<Bytes | null> {
  const held = await view.findChallenge(holderOf(sha256, of));
  return held === null || now >= held.expiresAt ? null : held.challenge;
}

/** True once for what {@link heldChallenge} gave: what was checked outside the transaction counts only then. */
export async function spendSignInChallenge(
  tx: Transaction,
  { of, now, challenge, sha256 }: { of: ChallengeHolder; now: number; challenge: Bytes | null; sha256: Sha256 },
): Promise<boolean> {
  const held = await heldChallenge(tx, { of, now, sha256 });
  if (challenge === null || held === null || !equalBytes(challenge, held)) return false;
  await tx.deleteChallenge(holderOf(sha256, of));
  return true;
}
