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
  const found = await findReadableGrant(view, id, now);
  if (found === null || !isLive(found.grant)) throw grantProblem("grant/unavailable");
  return found;
}

/** As {@link liveGrant}; a grant at its cap still serves the bytes of its last release until they are destroyed. */
export async function readableGrant(view: View, id: GrantId, now: number): Promise<LiveGrant> {
  const readable = await findReadableGrant(view, id, now);
  if (readable === null) throw grantProblem("grant/unavailable");
  return readable;
}

/** What {@link readableGrant} answers, or null. */
export async function findReadableGrant(view: View, id: GrantId, now: number): Promise<LiveGrant | null> {
  const grant = await view.findGrant(id);
  const transfer = grant && (await view.findTransfer(grant.transfer));
  if (!grant || !transfer || grant.kind !== "recipient" || now >= grant.endsAt) return null;
  if (grant.suspendedAt !== null) return null;
  if (grant.state !== "capped") return isLive(grant) && transfer.state === "active" ? { grant, transfer } : null;
  const isWithdrawn = transfer.state === "revoked" || transfer.destroyedAt !== null;
  const isDue = now >= (grant.destroyDueAt ?? 0) || now >= (transfer.destroyDueAt ?? Number.MAX_SAFE_INTEGER);
  return isWithdrawn || isDue ? null : { grant, transfer };
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
