/**
 * What a passkey signs: drawn for one verification session, and so for one grant and one address. It is answered once, right or
 * wrong, and a newer one takes its place.
 */
import { type Bytes, equalBytes, type Random } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import { currentSession } from "../grants/second-factor.ts";
import type { Transaction } from "../store.ts";

const CHALLENGE_BYTES = 32;
/** A person may look for a security key first. */
export const CHALLENGE_LIFE_MS = 5 * 60 * 1000;

/** 32 bytes that this session may answer from now on. */
export async function drawChallenge(
  tx: Transaction,
  { caller, now, random }: { caller: RecipientCaller; now: number; random: Random },
): Promise<Bytes> {
  const challenge = random.bytes(CHALLENGE_BYTES);
  await tx.setChallenge(caller.session, challenge, now + CHALLENGE_LIFE_MS);
  return challenge;
}

/**
 * True once for what {@link drawChallenge} gave last, while it is young: what was checked outside the transaction counts only then.
 * Problem `grant/session-required`.
 */
export async function spendChallenge(
  tx: Transaction,
  { caller, now, challenge }: { caller: RecipientCaller; now: number; challenge: Bytes | null },
): Promise<boolean> {
  const held = await currentSession(tx, caller, now);
  if (challenge === null || held.challenge === null || !equalBytes(challenge, held.challenge)) return false;
  if (now >= held.challengeExpiresAt) return false;
  await tx.setChallenge(caller.session, null, 0);
  return true;
}
