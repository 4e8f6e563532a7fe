/** The grant behind an attacker-controlled link, if it can be used at this moment. Every other case looks the same. */
import type { GrantId } from "@safeconduct/foundation";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { View } from "../store.ts";
import { isLive } from "../transfers/end-transfer.ts";
import { grantProblem } from "./errors.ts";

export interface LiveGrant {
  readonly grant: GrantRecord;
  readonly transfer: TransferRecord;
}

/** Problem `grant/unavailable` unless the grant is a recipient's, live, before its end, and its transfer open. */
export async function liveGrant(view: View, id: GrantId, now: number): Promise<LiveGrant> {
  const grant = await view.findGrant(id);
  if (grant === null || grant.kind !== "recipient" || !isLive(grant) || now >= grant.notAfter)
    throw grantProblem("grant/unavailable");
  const transfer = await view.findTransfer(grant.transfer);
  if (transfer?.state !== "active") throw grantProblem("grant/unavailable");
  return { grant, transfer };
}

/** As {@link liveGrant}; a grant at its cap still serves the bytes of its last release until they are destroyed. */
export async function readableGrant(view: View, id: GrantId, now: number): Promise<LiveGrant> {
  const grant = await view.findGrant(id);
  if (grant?.state !== "capped") return liveGrant(view, id, now);
  const transfer = await view.findTransfer(grant.transfer);
  const readable =
    transfer !== null && transfer.destroyedAt === null && now < (grant.destroyDueAt ?? 0) && now < grant.notAfter;
  const withdrawn = transfer?.state === "revoked" || now >= (transfer?.destroyDueAt ?? Number.MAX_SAFE_INTEGER);
  if (!readable || withdrawn) throw grantProblem("grant/unavailable");
  return { grant, transfer };
}

/** Problem `grant/not-yet` before the grant begins. */
export function requireBegun(grant: GrantRecord, now: number): void {
  if (now < grant.notBefore)
    throw grantProblem("grant/not-yet", { retryAfterSeconds: Math.ceil((grant.notBefore - now) / 1000) });
}

/** The address with its middle hidden, for someone who holds the link but has proven nothing: `a•••t@example.org`. */
export function addressHint(address: string): string {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  // A fixed number of dots: the length of a name says something about it.
  return `${local.slice(0, 1)}•••${local.length > 3 ? local.slice(-1) : ""}${address.slice(at)}`;
}
