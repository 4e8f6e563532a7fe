/**
 * The transfer that a caller may do this with. Unknown, foreign and out of reach look alike. Roles are read here, in the
 * caller's own transaction: whoever was removed or lost a role a moment ago has lost it.
 */
import type { MemberRoute } from "@safeconduct/contract";
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { signInProblem } from "../identity/errors.ts";
import { type Reach, requirePermission } from "../permission/permission.ts";
import type { TransferRecord } from "../records.ts";
import type { View } from "../store.ts";
import { transferProblem } from "./errors.ts";

/** Problems `transfer/unknown`, `permission/refused`, `sign-in/required`. */
export async function permittedTransfer(
  view: View,
  caller: MemberCaller,
  { route, transfer: id }: { route: MemberRoute; transfer: TransferId },
): Promise<TransferRecord> {
  const reaches = await presentReaches(view, caller, route);
  const transfer = await view.findTransfer(id);
  if (transfer?.organisation !== caller.organisation || !isWithin(reaches, caller, transfer))
    throw transferProblem("transfer/unknown");
  return transfer;
}

/** How far the caller reaches at this moment. Problems `permission/refused`, `sign-in/required` for one who was removed. */
export async function presentReaches(
  view: View,
  { member: id }: Pick<MemberCaller, "member">,
  route: MemberRoute,
): Promise<ReadonlySet<Reach>> {
  const member = await view.findMember(id);
  if (member === null || member.removedAt !== null) throw signInProblem("sign-in/required");
  return requirePermission(route, member.roles);
}

/** Nothing awaits a review so far, so that reach holds no transfer. */
export const isWithin = (
  reaches: ReadonlySet<Reach>,
  { member }: Pick<MemberCaller, "member">,
  transfer: Pick<TransferRecord, "member">,
): boolean => reaches.has("organisation") || (reaches.has("own") && transfer.member === member);
