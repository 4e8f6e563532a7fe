/** What an address has enrolled: for members before they send, and for the recipient after a second factor was passed. */
import type { MemberCaller, RecipientCaller } from "../callers.ts";
import { demandedFactor } from "../grants/second-factor.ts";
import type { EnrolledKind } from "../records.ts";
import type { Store } from "../store.ts";
import { enrolledFactors } from "./enrolled.ts";
import { passedSession } from "./passed-session.ts";
import type { FactorSecrets } from "./ports.ts";

interface Deps {
  readonly store: Store;
  readonly factorSecrets: FactorSecrets;
}

/** At the member's own organisation; each kind once. An address nobody knows has enrolled nothing. */
export function recipientFactors(
  { store, factorSecrets }: Deps,
  { organisation }: MemberCaller,
  { address }: { address: string },
): Promise<readonly EnrolledKind[]> {
  return store.read(async (view) => kindsOf(await enrolledFactors(view, factorSecrets, { organisation, address })));
}

/**
 * `removable` holds the kind that this session was opened with. Problems: `grant/unavailable`, `grant/not-yet`,
 * `grant/session-required`, `grant/factor-required`.
 */
export function ownFactors(
  { store, factorSecrets, now }: Deps & { now: number },
  caller: RecipientCaller,
): Promise<{ enrolled: readonly EnrolledKind[]; removable: readonly EnrolledKind[] }> {
  return store.read(async (view) => {
    const { grant } = await passedSession(view, caller, now);
    const enrolled = kindsOf(await enrolledFactors(view, factorSecrets, grant));
    const passed = demandedFactor(grant)?.kind;
    return { enrolled, removable: enrolled.filter((kind) => kind === passed) };
  });
}

const kindsOf = (factors: readonly { readonly kind: EnrolledKind }[]): EnrolledKind[] => [
  ...new Set(factors.map(({ kind }) => kind)),
];
