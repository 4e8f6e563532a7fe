/**
 * A recipient who has confirmed the address signs with an enrolled passkey. The signature is checked before the transaction, which
 * waits for nothing outside; the transaction spends what was signed and holds the counter.
 */
import { type Bytes, equalBytes, type FactorId, type Random } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import { factorsForGrant } from "../factors/enrolled.ts";
import { CHALLENGE_LIFE_MS, drawChallenge, spendChallenge } from "../factors/passkey-challenge.ts";
import { decodePasskey } from "../factors/passkey-credential.ts";
import type { FactorSecrets, PasskeyAssertion, Passkeys } from "../factors/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { Store } from "../store.ts";
import { grantProblem } from "./errors.ts";
import { tryFactor } from "./factor-attempt.ts";
import { readableGrant, requireBegun } from "./live-grant.ts";
import { currentSession, demandedFactor, isFactorLocked } from "./second-factor.ts";

/**
 * The same answer whether a passkey is enrolled or not: the device knows which it has. Problems: `grant/unavailable`, `grant/not-yet`,
 * `grant/session-required`, `grant/factor-refused` where no passkey is demanded, `grant/locked`.
 */
export function askPasskey(
  { perform, passkeys, random }: { perform: Perform; passkeys: Passkeys; random: Random },
  caller: RecipientCaller,
): Promise<{ challenge: Bytes; rpId: string; expiresInSeconds: number }> {
  return perform(async (tx, now) => {
    const { grant } = await readableGrant(tx, caller.grant, now);
    requireBegun(grant, now);
    await currentSession(tx, caller, now);
    if (demandedFactor(grant)?.kind !== "passkey") throw grantProblem("grant/factor-refused");
    if (isFactorLocked(grant)) throw grantProblem("grant/locked");
    const challenge = await drawChallenge(tx, { caller, now, random });
    return {
      entries: [],
      value: { challenge, rpId: passkeys.rpId(), expiresInSeconds: CHALLENGE_LIFE_MS / 1000 },
    };
  });
}

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly factorSecrets: FactorSecrets;
  readonly passkeys: Passkeys;
  readonly now: number;
}

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-refused` (wrong, answered before, too late,
 * waiting, removed since, counter gone back, or no passkey is demanded: one answer), `grant/locked`. What signs no challenge of
 * this session is not counted.
 */
export async function provePasskey(deps: Deps, caller: RecipientCaller, assertion: PasskeyAssertion): Promise<void> {
  const { challenge, shown } = await checked(deps, caller, assertion);
  return deps.perform((tx, now) =>
    tryFactor(tx, { caller, now, kind: "passkey" }, async ({ grant }, note) => {
      if (!(await spendChallenge(tx, { caller, now, challenge }))) throw grantProblem("grant/factor-refused");
      const factor = (await factorsForGrant(tx, deps.factorSecrets, { grant, kind: "passkey" })).find(
        ({ id }) => id === shown?.factor,
      );
      if (factor === undefined || shown === null) return false;
      // WebAuthn Level 3 §6.1.1: devices that count never give a number twice, so a copy may be about. Both zero: it does not count.
      if (shown.counter <= factor.counter && (shown.counter > 0 || factor.counter > 0)) {
        note("factor/counter-back", { enrolment: factor.id });
        return false;
      }
      await tx.updateFactor(factor.id, { counter: shown.counter });
      return true;
    }),
  );
}

/** Which challenge was there to be answered, and which passkey of this grant has signed it, if one has. */
async function checked(
  { store, factorSecrets, passkeys, now }: Deps,
  caller: RecipientCaller,
  assertion: PasskeyAssertion,
): Promise<{ challenge: Bytes | null; shown: { factor: FactorId; counter: number } | null }> {
  const { challenge, factor } = await store.read(async (view) => {
    const { grant } = await readableGrant(view, caller.grant, now);
    const session = await currentSession(view, caller, now);
    const enrolled = (await factorsForGrant(view, factorSecrets, { grant, kind: "passkey" })).map(
      ({ id, credential }) => ({ id, credential: decodePasskey(credential) }),
    );
    const named = enrolled.find(({ credential }) => equalBytes(credential.credentialId, assertion.credentialId));
    return { challenge: session.challenge, factor: named };
  });
  if (challenge === null || factor === undefined) return { challenge, shown: null };
  const accepted = await passkeys.asserted({ challenge, credential: factor.credential, assertion });
  return { challenge, shown: accepted && { factor: factor.id, counter: accepted.counter } };
}
