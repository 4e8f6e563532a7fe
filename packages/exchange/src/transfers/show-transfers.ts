/** What members see of transfers: senders of theirs, compliance officers of all. */
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { GrantRecord, HoldRecord, MemberRecord, TransferRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { permittedTransfer, presentReaches } from "./permitted-transfer.ts";

export interface TransferSummary {
  readonly transfer: TransferRecord;
  readonly sender: MemberRecord;
  /** Recipients only. */
  readonly grants: readonly GrantRecord[];
  readonly heldParts: number;
  /** Those that stand. */
  readonly holds: readonly HoldRecord[];
}

/** Problem `transfer/unknown`. */
export function showTransfer(
  { store }: { store: Store },
  caller: MemberCaller,
  id: TransferId,
): Promise<TransferSummary> {
  return store.read(async (view) =>
    summary(view, await permittedTransfer(view, caller, { route: "transfer", transfer: id })),
  );
}

/** Those within the caller's reach, newest first; `next` continues, null at the end. */
export function listTransfers(
  { store }: { store: Store },
  caller: MemberCaller,
  { limit, after }: { limit: number; after: TransferId | null },
): Promise<{ transfers: readonly TransferSummary[]; next: TransferId | null }> {
  return store.read(async (view) => {
    const reaches = await presentReaches(view, caller, "listTransfers");
    // Nothing awaits a review so far: a reviewer who is nothing else sees an empty list.
    if (!reaches.has("organisation") && !reaches.has("own")) return { transfers: [], next: null };
    const whose = reaches.has("organisation") ? {} : { member: caller.member };
    const found = await view.transfersOf(caller.organisation, { limit: limit + 1, after, ...whose });
    const page = found.slice(0, limit);
    const transfers = await Promise.all(page.map((transfer) => summary(view, transfer)));
    return { transfers, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
  });
}

export async function summary(view: View, transfer: TransferRecord): Promise<TransferSummary> {
  const sender = await view.findMember(transfer.member);
  if (sender === null) throw new Error("a transfer names a member that is not there");
  const grants = (await view.grantsOf(transfer.id)).filter((grant) => grant.kind === "recipient");
  const holds = (await view.holdsOf(transfer.id)).filter(({ liftedAt }) => liftedAt === null);
  return { transfer, sender, grants, holds, heldParts: (await view.heldTotals(transfer.id, null)).count };
}
