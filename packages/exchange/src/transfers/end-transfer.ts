/**
 * The end of grants and transfers. Whatever ends a grant comes through here, so that the last one takes the transfer with it:
 * F dies with the transfer, never before the end of a grant.
 */
import type { Entry } from "../ledger/entry.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { Transaction } from "../store.ts";

type GrantEnd = "expired" | "revoked" | "capped" | "closed";

const LIVE: ReadonlySet<GrantRecord["state"]> = new Set(["pending", "confirmed", "used"]);

export const isLive = (grant: GrantRecord): boolean => LIVE.has(grant.state);

interface GrantEnding {
  readonly transfer: TransferRecord;
  readonly grant: GrantRecord;
  readonly end: GrantEnd;
  readonly at: number;
  readonly destroyDueAt: number;
  readonly actor: Entry["actor"];
}

/** Ends one live recipient grant and, if it was the last, its transfer. Answers the entries of both. */
export async function endGrant(tx: Transaction, ending: GrantEnding): Promise<readonly Entry[]> {
  const { transfer, grant, end, at, destroyDueAt, actor } = ending;
  const ended = await closeGrant(tx, ending);
  const others = (await tx.grantsOf(transfer.id)).filter(
    (other) => other.kind === "recipient" && other.id !== grant.id,
  );
  if (transfer.state !== "active" || others.some(isLive)) return [ended];

  const kept = others.map((other) => (other.destroyedAt === null ? (other.destroyDueAt ?? 0) : 0));
  // Whoever opened at their cap may finish reading: taking back another's link does not cut them off.
  const someoneReads = others.some((other) => other.state === "capped" && (other.destroyDueAt ?? 0) > at);
  const state = end === "revoked" && !someoneReads ? "revoked" : "expired";
  await tx.updateTransfer(transfer.id, { state, endedAt: at, destroyDueAt: Math.max(destroyDueAt, ...kept) });
  return [ended, { type: `transfer/${state}`, actor, organisation: transfer.organisation, transfer }];
}

/** Ends a grant and leaves its transfer alone. Answers its entry. */
export async function closeGrant(
  tx: Transaction,
  { transfer, grant, end, at, destroyDueAt, actor }: GrantEnding,
): Promise<Entry> {
  await tx.updateGrant(grant.id, { state: end, endedAt: at, destroyDueAt });
  if (end !== "capped") await tx.endVerifications(grant.id);
  return {
    type: `grant/${end}`,
    actor,
    organisation: transfer.organisation,
    transfer,
    grant: grant.id,
    termsHash: grant.termsHash,
  };
}
