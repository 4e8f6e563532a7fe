/**
 * A recipient who has passed a second factor adds an authenticator app for later files: of this address, at this organisation.
 * Begun and confirmed in one and the same session.
 */
import { drawId, type Random } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { FactorRecord } from "../records.ts";
import { factorProblem } from "./errors.ts";
import { factorsOf } from "./enrolled.ts";
import type { FactorSecrets } from "./ports.ts";
import { passedSession } from "./passed-session.ts";

/** Wrong codes after which an enrolment is forgotten and must be begun anew. */
export const ENROLMENT_TRIES = 5;
/** No time step was accepted yet. */
const NO_STEP = -1;

interface Deps {
  readonly perform: Perform;
  readonly factorSecrets: FactorSecrets;
}

/**
 * Shows the secret once. Beginning again takes the place of what was not confirmed.
 * Problems: `grant/unavailable`, `grant/session-required`, `grant/factor-required`, `factor/already-enrolled`.
 */
export function beginAuthenticator(
  { perform, factorSecrets, random }: Deps & { random: Random },
  caller: RecipientCaller,
): Promise<{ otpauthUri: string; secret: string }> {
  return perform(async (tx, now) => {
    const { grant } = await passedSession(tx, caller, now);
    const { organisation, address } = grant;
    for (const factor of await factorsOf(tx, factorSecrets, grant)) {
      if (factor.kind !== "authenticator") continue;
      if (factor.confirmedAt !== null) throw factorProblem("factor/already-enrolled");
      await tx.deleteFactor(factor.id);
    }
    const id = drawId("factor", random);
    const issuer = (await tx.organisation(organisation))?.name ?? "Safeconduct";
    const { credential, ...shown } = factorSecrets.drawAuthenticator({ factor: id, issuer, address });
    await tx.addFactor({
      id,
      organisation,
      addressDigest: factorSecrets.addressDigest({ organisation, address }),
      kind: "authenticator",
      session: caller.session,
      credential,
      counter: NO_STEP,
      failures: 0,
      lockedUntil: 0,
      createdAt: now,
      confirmedAt: null,
    });
    return { entries: [], value: shown };
  });
}

/**
 * The first code of the app. Problems: those of {@link beginAuthenticator}, `factor/not-begun` (in this session, or five wrong
 * codes ago), `factor/code-refused`.
 */
export function confirmAuthenticator(
  { perform, factorSecrets }: Deps,
  caller: RecipientCaller,
  { code }: { code: string },
): Promise<void> {
  return perform(async (tx, now) => {
    const { grant, transfer } = await passedSession(tx, caller, now);
    const factor = (await factorsOf(tx, factorSecrets, grant)).find(
      ({ kind, session }) => kind === "authenticator" && session === caller.session,
    );
    if (factor === undefined) throw factorProblem("factor/not-begun");
    if (factor.confirmedAt !== null) throw factorProblem("factor/already-enrolled");
    const { id, credential, counter } = factor;
    const step = factorSecrets.acceptedStep({ factor: id, credential, code, now, lastStep: counter });
    if (step === null) {
      await countEnrolmentFailure(factor);
      return { entries: [], refusal: factorProblem("factor/code-refused") };
    }
    await tx.updateFactor(id, { counter: step, failures: 0, confirmedAt: now });
    const entry = {
      type: "factor/enrolled",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session, factor: "authenticator", enrolment: id },
    } as const;
    return { entries: [entry], value: undefined };

    async function countEnrolmentFailure({ id: of, failures }: FactorRecord): Promise<void> {
      if (failures + 1 >= ENROLMENT_TRIES) await tx.deleteFactor(of);
      else await tx.updateFactor(of, { failures: failures + 1 });
    }
  });
}
