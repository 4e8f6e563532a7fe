/**
 * A sender takes files back: one recipient's grant, or the whole transfer, or a draft that was never sealed.
 * The database denies from the commit on; then the key service is told to deny too; destruction follows in the sweep.
 */
import type { GrantId, TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import { closeGrant, endGrant, isLive } from "./end-transfer.ts";
import { transferProblem } from "./errors.ts";
import { permittedTransfer } from "./permitted-transfer.ts";
import { requireDraft } from "./upload-parts.ts";

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
}

/** Problems: `transfer/unknown`, `grant/unknown`, `grant/already-ended`. */
export async function revokeGrant(
  { perform, keys }: Deps,
  caller: MemberCaller,
  ids: { transfer: TransferId; grant: GrantId },
): Promise<void> {
  await perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "revokeGrant", transfer: ids.transfer });
    const grant = await tx.findGrant(ids.grant);
    if (grant?.transfer !== transfer.id || grant.kind !== "recipient") throw grantProblem("grant/unknown");
    if (!isLive(grant)) throw grantProblem("grant/already-ended");
    const entries = await endGrant(tx, {
      transfer,
      grant,
      end: "revoked",
      at,
      destroyDueAt: at,
      actor: { kind: "member", id: caller.member },
    });
    return { entries, value: undefined };
  });
  await suspendIfReachable(keys, caller, { transfers: [], grants: [ids.grant] });
}

/**
 * Also after the last link has ended, until the transfer is destroyed: someone who opened at their cap may still be reading.
 * Problems: `transfer/unknown`, `transfer/not-active`.
 */
export async function revokeTransfer({ perform, keys }: Deps, caller: MemberCaller, id: TransferId): Promise<void> {
  await perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "revokeTransfer", transfer: id });
    const isOpen = transfer.state === "active" || (transfer.state === "expired" && transfer.destroyedAt === null);
    if (!isOpen) throw transferProblem("transfer/not-active");
    const actor = { kind: "member", id: caller.member } as const;
    const entries: Entry[] = [];
    for (const grant of (await tx.grantsOf(id)).filter((each) => each.kind === "recipient")) {
      const ending = { transfer, grant, end: "revoked", at, destroyDueAt: at, actor } as const;
      if (isLive(grant)) entries.push(await closeGrant(tx, ending));
      else await tx.endVerifications(grant.id);
    }
    await tx.updateTransfer(id, { state: "revoked", endedAt: transfer.endedAt ?? at, destroyDueAt: at });
    entries.push({ type: "transfer/revoked", actor, organisation: caller.organisation, transfer });
    return { entries, value: undefined };
  });
  await suspendIfReachable(keys, caller, { transfers: [id], grants: [] });
}

/** Problems: `transfer/unknown`, `transfer/not-draft`. */
export async function abandonTransfer(
  { perform }: Pick<Deps, "perform">,
  caller: MemberCaller,
  id: TransferId,
): Promise<void> {
  await perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, { route: "abandonTransfer", transfer: id });
    requireDraft(transfer);
    await tx.updateTransfer(id, { state: "abandoned", endedAt: at, destroyDueAt: at });
    const entry = {
      type: "transfer/abandoned",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      transfer,
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/**
 * The key service denies too, so that a stolen release authorisation is of no use. When it cannot be reached the release is
 * closed all the same, because every release asks the database first; the sweep shreds as soon as it is back.
 */
async function suspendIfReachable(
  keys: KeyService,
  caller: MemberCaller,
  ids: { transfers: readonly TransferId[]; grants: readonly GrantId[] },
): Promise<void> {
  await keys.suspend({ organisation: caller.organisation, ...ids }).catch(() => undefined);
}
