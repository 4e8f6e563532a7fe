/**
 * Intake keys, of which the newest takes in shares and the older ones open what was sealed to them before. They stand in
 * the ring, so they are destroyed as shares are: absent from the next ring, whose predecessor's master is destroyed.
 */
import type { Clock, HpkeKeyPair, Hpke } from "@safeconduct/foundation";
import { INTAKE_ACCEPTED_MS, INTAKE_KEY_LIMIT, INTAKE_ROTATION_MS } from "./limits.ts";
import { CLOCK_TOLERANCE_MS } from "./clock-guard.ts";
import type { IntakeKeyPair } from "./ring.ts";
import type { Change, Destruction } from "./ring-writer.ts";

interface IntakePorts {
  readonly crypto: { readonly hpke: Hpke };
  readonly clock: Clock;
}

/** The wall clock, and whether it is believed. */
export interface IntakeTime {
  readonly now: number;
  readonly isSteady: boolean;
}

/** The key that takes in shares now, if there is one that is young enough. */
export function currentIntakeKey(keys: readonly IntakeKeyPair[], now: number): IntakeKeyPair | null {
  const newest = keys.at(-1);
  // A key of the future: the clock was set back, and clients would not take it.
  const usable = newest !== undefined && newest.createdAt <= now && now < newest.createdAt + INTAKE_ROTATION_MS;
  return usable ? newest : null;
}

/** The current key; a fresh one where there is none. */
export function rotatingIntake({ crypto, clock }: IntakePorts): Change<IntakeKeyPair> {
  return async (draft) => {
    const now = clock.now();
    const current = currentIntakeKey(draft.intakeKeys(), now);
    if (current !== null) return { record: null, answer: current };
    const { publicKey, privateKey }: HpkeKeyPair = await crypto.hpke.generateKeyPair();
    const key = { createdAt: now, publicKey, privateKey };
    return { record: { type: "intake-key-added", ...key }, answer: key };
  };
}

/** Whether one of them has to go. */
export function outlived(keys: readonly IntakeKeyPair[], time: IntakeTime): boolean {
  return keys.length !== lasting(keys, time).length;
}

/** Destroys the private keys that nothing may be sealed to any more. */
export function forgettingIntake(time: () => IntakeTime): Destruction<void> {
  return async (draft) => {
    const keys = draft.intakeKeys();
    const at = time();
    const changed = outlived(keys, at);
    if (changed) draft.putIntakeKeys(lasting(keys, at));
    return { changed, answer: undefined };
  };
}

/**
 * Those that stay. A clock that is not believed destroys none of them, as it destroys no share: drafts that are under way
 * would be lost. One that is believed also ends those which a clock that was ahead has made, or they would stay for as long.
 */
function lasting(keys: readonly IntakeKeyPair[], { now, isSteady }: IntakeTime): readonly IntakeKeyPair[] {
  if (!isSteady) return keys.slice(-INTAKE_KEY_LIMIT);
  return accepted(keys, now).filter(({ createdAt }) => createdAt <= now + CLOCK_TOLERANCE_MS);
}

/** Those to which something may still be sealed. */
export function accepted(keys: readonly IntakeKeyPair[], now: number): readonly IntakeKeyPair[] {
  return keys.filter(({ createdAt }) => now < createdAt + INTAKE_ACCEPTED_MS).slice(-INTAKE_KEY_LIMIT);
}
