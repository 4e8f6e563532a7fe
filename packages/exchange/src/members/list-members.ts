/** Who is a member and who is invited, for administrators. */
import type { MemberCaller } from "../callers.ts";
import type { InvitationRecord, MemberRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";

/** Those who are in, and open invitations, expired ones too; both in the order they came. */
export function listMembers(
  { store }: { store: Store },
  caller: MemberCaller,
): Promise<{ members: readonly MemberRecord[]; invitations: readonly InvitationRecord[] }> {
  return store.read(async (view) => {
    await presentReaches(view, caller, "listMembers");
    const members = await view.membersOf(caller.organisation);
    return {
      members: members.filter(({ removedAt }) => removedAt === null),
      invitations: await view.invitationsOf(caller.organisation),
    };
  });
}
