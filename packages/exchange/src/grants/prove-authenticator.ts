/**
 * A recipient who has confirmed the address gives a code of the authenticator app. A code is accepted once, over all sessions and
 * grants; wrong ones are counted for the app and for the grant.
 */
import type { RecipientCaller } from "../callers.ts";
import { factorsForGrant } from "../factors/enrolled.ts";
import type { FactorSecrets } from "../factors/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import { grantProblem } from "./errors.ts";
import { afterFactorFailure, tryFactor } from "./factor-attempt.ts";

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-refused` (wrong, used, waiting, removed
 * since, or no authenticator is demanded: one answer), `grant/locked`.
 */
export function proveAuthenticator(
  { perform, factorSecrets }: { perform: Perform; factorSecrets: FactorSecrets },
  caller: RecipientCaller,
  { code }: { code: string },
): Promise<void> {
  return perform((tx, now) =>
    tryFactor(tx, { caller, now, kind: "authenticator" }, async ({ grant }) => {
      const [factor] = await factorsForGrant(tx, factorSecrets, { grant, kind: "authenticator" });
      if (factor === undefined) return false;
      // Other links of the same address have used up the tries: this grant is not to pay for it.
      if (now < factor.lockedUntil) throw grantProblem("grant/factor-refused");
      const { id, credential, counter, failures } = factor;
      const step = factorSecrets.acceptedStep({ factor: id, credential, code, now, lastStep: counter });
      await tx.updateFactor(
        id,
        step === null ? afterFactorFailure(failures, now) : { counter: step, failures: 0, lockedUntil: 0 },
      );
      return step !== null;
    }),
  );
}
