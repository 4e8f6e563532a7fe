/**
 * Intake keys, of which the newest takes in shares and the older ones open what was sealed to them before. They stand in
 * the ring, so they are destroyed as shares are: absent from the next ring, whose predecessor's master is destroyed.
 */
import type { Clock, HpkeKeyPair, Hpke } from "@safeconduct/foundation";
import { INTAKE_ACCEPTED_MS, INTAKE_KEY_LIMIT, INTAKE_ROTATION_MS } from "./limits.ts";
import type { IntakeKeyPair } from "./ring.ts";
import type { Change, Destruction } from "./ring-writer.ts";

interface IntakePorts {
  readonly crypto: { readonly hpke: Hpke };
  readonly clock: Clock;
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
export function outlived(keys: readonly IntakeKeyPair[], now: number): boolean {
  return keys.length !== accepted(keys, now).length;
}

/** Destroys the private keys that nothing may be sealed to any more. */
export function forgettingIntake({ clock }: Pick<IntakePorts, "clock">): Destruction<void> {
  return async (draft) => {
    const keys = draft.intakeKeys();
    const now = clock.now();
    const changed = outlived(keys, now);
    if (changed) draft.putIntakeKeys(accepted(keys, now));
    return { changed, answer: undefined };
  };
}

/** Those to which something may still be sealed. */
export function accepted(keys: readonly IntakeKeyPair[], now: number): readonly IntakeKeyPair[] {
  return keys.filter(({ createdAt }) => now < createdAt + INTAKE_ACCEPTED_MS).slice(-INTAKE_KEY_LIMIT);
}
