/**
 * A sender, or a compliance officer, says that what a recipient reported is dealt with: the transfer needs no attention for it any
 * more. Nothing is closed or opened by it, and the next report stands as a new one.
 */
import type { GrantId, TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import type { Perform } from "../ledger/performer.ts";
import { permittedTransfer } from "./permitted-transfer.ts";

export interface ProblemMark {
  readonly transfer: TransferId;
  readonly grant: GrantId;
  /** How many reports there were when it was looked at: one that came since is not marked away unread. */
  readonly reports: number;
}

/**
 * Problems: `transfer/unknown`, `grant/unknown`, `grant/report-changed`. Repeated, it changes nothing. A link that has ended may be
 * marked too: it often ended because of the report.
 */
export function settleProblem(
  { perform }: { readonly perform: Perform },
  caller: MemberCaller,
  { transfer: id, grant: grantId, reports }: ProblemMark,
): Promise<void> {
  return perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "settleProblem", transfer: id });
    const grant = await tx.findGrant(grantId);
    if (grant?.transfer !== transfer.id || grant.kind !== "recipient") throw grantProblem("grant/unknown");
    if (grant.problemKind === null || grant.problemReports !== reports) throw grantProblem("grant/report-changed");
    if (grant.problemSettledAt !== null) return { entries: [], value: undefined };
    await tx.updateGrant(grant.id, { problemSettledAt: at });
    const entry = {
      type: "grant/problem-settled",
      actor: { kind: "member", id: caller.member },
      organisation: transfer.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { problem: grant.problemKind },
    } as const;
    return { entries: [entry], value: undefined };
  });
}
