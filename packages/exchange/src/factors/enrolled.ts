/** What an address has enrolled at an organisation, and which of it opens a grant. */
import type { OrganisationId } from "@safeconduct/foundation";
import type { EnrolledKind, FactorRecord, GrantRecord } from "../records.ts";
import type { View } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import type { FactorSecrets } from "./ports.ts";

export interface FactorOwner {
  readonly organisation: OrganisationId;
  readonly address: string;
}

/** Every factor of the address, the one that is being enrolled too. */
export const factorsOf = (
  view: View,
  secrets: FactorSecrets,
  { organisation, address }: FactorOwner,
): Promise<readonly FactorRecord[]> => view.findFactors(organisation, secrets.addressDigest({ organisation, address }));

/** Those that a code or key confirmed. */
export async function enrolledFactors(
  view: View,
  secrets: FactorSecrets,
  owner: FactorOwner,
): Promise<readonly FactorRecord[]> {
  return (await factorsOf(view, secrets, owner)).filter(({ confirmedAt }) => confirmedAt !== null);
}

/**
 * What opens this grant: enrolled when the grant was made. Whoever comes to enrol something later, with another link or after a
 * removal, opens nothing that was sent before.
 */
export async function factorsForGrant(
  view: View,
  secrets: FactorSecrets,
  { grant, kind }: { grant: GrantRecord; kind: EnrolledKind },
): Promise<readonly FactorRecord[]> {
  return (await enrolledFactors(view, secrets, grant)).filter(
    (factor) => factor.kind === kind && (factor.confirmedAt ?? Number.POSITIVE_INFINITY) <= grant.createdAt,
  );
}

/** Problem `transfer/factor-not-enrolled` where terms demand what the address has not enrolled. */
export async function requireEnrolled(
  view: View,
  secrets: FactorSecrets,
  { organisation, address, kind }: FactorOwner & { kind: EnrolledKind | "passcode" | null },
): Promise<void> {
  if (kind === null || kind === "passcode") return;
  const enrolled = await enrolledFactors(view, secrets, { organisation, address });
  if (!enrolled.some((factor) => factor.kind === kind))
    throw transferProblem("transfer/factor-not-enrolled", { field: "/grants" });
}
