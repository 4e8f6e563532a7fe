/**
 * A sender, or a compliance officer, closes one recipient's link for now and opens it again; what an officer closed, only an officer
 * opens. Its terms run on meanwhile: a suspended grant ends at its
 * time. What the recipient's device already has, it has.
 */
import { isProblem, type GrantId, type TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord } from "../records.ts";
import { isLive } from "./end-transfer.ts";
import { permittedTransfer, presentReaches } from "./permitted-transfer.ts";

interface Deps {
  readonly perform: Perform;
  readonly keys: KeyService;
}

interface Ids {
  readonly transfer: TransferId;
  readonly grant: GrantId;
}

/**
 * Problems: `transfer/unknown`, `grant/unknown`, `grant/already-ended`. The database denies from the commit on, also where the key
 * service cannot be told.
 */
export async function suspendGrant({ perform, keys }: Deps, caller: MemberCaller, ids: Ids): Promise<void> {
  await turn(perform, caller, { ids, to: "suspended" });
  await keys.suspend(named(caller, ids)).catch(() => undefined);
}

/**
 * Problems: as above, `grant/closed-by-officer`, and `keys/unavailable`: then the link stays closed until it is asked again.
 */
export async function resumeGrant({ perform, keys }: Deps, caller: MemberCaller, ids: Ids): Promise<void> {
  await turn(perform, caller, { ids, to: "resumed" });
  await keys.resume(named(caller, ids)).catch((error: unknown) => {
    if (isProblem(error) && error.code === "keys/shredded") throw grantProblem("grant/already-ended");
    throw error;
  });
}

/**
 * No entry where it is so already: an honest repeat, which still tells the key service. An officer who closes what its sender has
 * closed takes it over.
 */
function turn(
  perform: Perform,
  caller: MemberCaller,
  { ids, to }: { ids: Ids; to: "suspended" | "resumed" },
): Promise<void> {
  return perform(async (tx, at) => {
    const route = to === "suspended" ? "suspendGrant" : "resumeGrant";
    const transfer = await permittedTransfer(tx, caller, { route, transfer: ids.transfer });
    const grant = await tx.findGrant(ids.grant);
    if (grant?.transfer !== transfer.id || grant.kind !== "recipient") throw grantProblem("grant/unknown");
    if (!isLive(grant) || at >= grant.endsAt) throw grantProblem("grant/already-ended");
    const isSuspended = grant.suspendedAt !== null;
    const isOfficer = (await presentReaches(tx, caller, route)).has("organisation");
    if (to === "resumed" && isSuspended && !isOfficer && isClosedByOther(grant, caller))
      throw grantProblem("grant/closed-by-officer");
    const isTakenOver =
      isSuspended && isOfficer && grant.suspendedBy === transfer.member && isClosedByOther(grant, caller);
    if (isSuspended === (to === "suspended") && !isTakenOver) return { entries: [], value: undefined };
    const closed = { suspendedAt: grant.suspendedAt ?? at, suspendedBy: caller.member };
    await tx.updateGrant(grant.id, to === "suspended" ? closed : { suspendedAt: null, suspendedBy: null });
    const entry = {
      type: `grant/${to}`,
      actor: { kind: "member", id: caller.member },
      organisation: transfer.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
    } as const;
    return { entries: [entry], value: undefined };
  });
}

const named = ({ organisation }: MemberCaller, { grant }: Ids) => ({ organisation, transfers: [], grants: [grant] });

/** By a compliance officer then: nobody else may, besides the sender. Links that were closed before this was kept are free. */
export const isClosedByOther = (
  { suspendedBy }: Pick<GrantRecord, "suspendedBy">,
  { member }: Pick<MemberCaller, "member">,
): boolean => suspendedBy !== null && suspendedBy !== member;
