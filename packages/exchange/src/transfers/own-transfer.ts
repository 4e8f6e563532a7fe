/** The transfer that a caller may work on. Unknown and foreign look alike. */
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { TransferRecord } from "../records.ts";
import type { View } from "../store.ts";
import { transferProblem } from "./errors.ts";

/** A transfer of the caller's organisation. Problem `transfer/unknown`. */
export async function organisationTransfer(view: View, caller: MemberCaller, id: TransferId): Promise<TransferRecord> {
  const transfer = await view.findTransfer(id);
  if (transfer?.organisation !== caller.organisation) throw transferProblem("transfer/unknown");
  return transfer;
}

/** A transfer that the caller sent. Problem `transfer/unknown`, also for a colleague's. */
export async function ownTransfer(view: View, caller: MemberCaller, id: TransferId): Promise<TransferRecord> {
  const transfer = await organisationTransfer(view, caller, id);
  if (transfer.member !== caller.member) throw transferProblem("transfer/unknown");
  return transfer;
}
