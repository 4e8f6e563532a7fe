/**
 * A sender closes one recipient's link for now, and opens it again. Its terms run on meanwhile: a suspended grant ends at its
 * time. What the recipient's device already has, it has.
 */
import { isProblem, type GrantId, type TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import { isLive } from "./end-transfer.ts";
import { permittedTransfer } from "./permitted-transfer.ts";

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
 * Problems: as above, and `keys/unavailable`: then the link stays closed until it is asked again.
 */
export async function resumeGrant({ perform, keys }: Deps, caller: MemberCaller, ids: Ids): Promise<void> {
  await turn(perform, caller, { ids, to: "resumed" });
  await keys.resume(named(caller, ids)).catch((error: unknown) => {
    if (isProblem(error) && error.code === "keys/shredded") throw grantProblem("grant/already-ended");
    throw error;
  });
}

/** No entry where it is so already: an honest repeat, which still tells the key service. */
function turn(
  perform: Perform,
  caller: MemberCaller,
  { ids, to }: { ids: Ids; to: "suspended" | "resumed" },
): Promise<void> {
  return perform(async (tx, at) => {
    const transfer = await permittedTransfer(tx, caller, {
      route: to === "suspended" ? "suspendGrant" : "resumeGrant",
      transfer: ids.transfer,
    });
    const grant = await tx.findGrant(ids.grant);
    if (grant?.transfer !== transfer.id || grant.kind !== "recipient") throw grantProblem("grant/unknown");
    if (!isLive(grant) || at >= grant.notAfter) throw grantProblem("grant/already-ended");
    const isSuspended = grant.suspendedAt !== null;
    if (isSuspended === (to === "suspended")) return { entries: [], value: undefined };
    await tx.updateGrant(grant.id, { suspendedAt: isSuspended ? null : at });
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
