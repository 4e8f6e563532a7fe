/**
 * The end of grants and transfers. Whatever ends a grant comes through here, so that the last one takes the transfer with it:
 * F dies with the transfer, never before the end of a grant.
 */
import type { Entry } from "../ledger/entry.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { Transaction } from "../store.ts";

type GrantEnd = "expired" | "revoked" | "capped";

const LIVE: ReadonlySet<GrantRecord["state"]> = new Set(["pending", "confirmed", "used"]);

export const isLive = (grant: GrantRecord): boolean => LIVE.has(grant.state);

/** Ends one live recipient grant and, if it was the last, its transfer. Answers the entries of both. */
export async function endGrant(
  tx: Transaction,
  {
    transfer,
    grant,
    end,
    at,
    destroyDueAt,
    actor,
  }: {
    transfer: TransferRecord;
    grant: GrantRecord;
    end: GrantEnd;
    at: number;
    destroyDueAt: number;
    actor: Entry["actor"];
  },
): Promise<readonly Entry[]> {
  await tx.updateGrant(grant.id, { state: end, endedAt: at, destroyDueAt });
  if (end !== "capped") await tx.endVerifications(grant.id);
  const ended: Entry = {
    type: `grant/${end}`,
    actor,
    organisation: transfer.organisation,
    transfer,
    grant: grant.id,
    termsHash: grant.termsHash,
  };
  const others = (await tx.grantsOf(transfer.id)).filter(
    (other) => other.kind === "recipient" && other.id !== grant.id,
  );
  if (transfer.state !== "active" || others.some(isLive)) return [ended];

  const last = Math.max(
    destroyDueAt,
    ...others.map((other) => (other.destroyedAt === null ? (other.destroyDueAt ?? 0) : 0)),
  );
  const state = end === "revoked" ? "revoked" : "expired";
  await tx.updateTransfer(transfer.id, { state, endedAt: at, destroyDueAt: last });
  return [ended, { type: `transfer/${state}`, actor, organisation: transfer.organisation, transfer }];
}
