/**
 * An administrator changes what a member may do, or removes them. Nobody does either to themself: so an administrator cannot become
 * their own compliance officer, and one administrator is always left, also when two remove each other at the same moment.
 */
import type { MemberRole } from "@safeconduct/contract";
import type { MemberId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Identity } from "../identity/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { MemberRecord } from "../records.ts";
import type { View } from "../store.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";
import { membersProblem } from "./errors.ts";
import { withdrawInvitationsOf } from "./invite-member.ts";

/**
 * In force with the member's next request: roles are read with each. The same again is the same.
 * Problems: `member/unknown`, `member/self`.
 */
export function changeRoles(
  { perform }: { perform: Perform },
  caller: MemberCaller,
  { member: id, roles }: { member: MemberId; roles: readonly MemberRole[] },
): Promise<void> {
  return perform(async (tx) => {
    await presentReaches(tx, caller, "changeRoles");
    const { roles: before } = await otherMember(tx, caller, id);
    if (before.join(" ") === roles.join(" ")) return { entries: [], value: undefined };
    await tx.updateMember(id, { roles });
    const withdrawn = roles.includes("administrator") ? [] : await withdrawInvitationsOf(tx, id, caller);
    const entry = {
      type: "member/roles-changed",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      detail: { member: id, before: before.join(" "), after: roles.join(" ") },
    } as const;
    return { entries: [entry, ...withdrawn], value: undefined };
  });
}

/**
 * Sessions, passkeys, tokens and invitations of theirs end with the commit. What they sent lives on under the compliance officers; its
 * files nobody opens from inside any more, except by a recovery. Problems: `member/unknown`, `member/self`.
 */
export async function removeMember(
  { perform, identity }: { perform: Perform; identity: Identity },
  caller: MemberCaller,
  id: MemberId,
): Promise<void> {
  await perform(async (tx, now) => {
    await presentReaches(tx, caller, "removeMember");
    const { roles } = await otherMember(tx, caller, id);
    await tx.updateMember(id, { removedAt: now });
    await tx.endSessionsOf(id);
    for (const passkey of await tx.passkeysOf(id)) await tx.deletePasskey(passkey.id);
    const tokens = await tx.tokensOf(id);
    for (const token of tokens) await tx.revokeToken(token.id, now);
    const entry = {
      type: "member/removed",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      detail: { member: id, roles: roles.join(" "), tokens: tokens.length },
    } as const;
    return { entries: [entry, ...(await withdrawInvitationsOf(tx, id, caller))], value: undefined };
  });
  // Last: whoever is removed signs in no more from the commit on, and this may be repeated when the address is invited again.
  await identity.remove(id);
}

async function otherMember(view: View, { member, organisation }: MemberCaller, id: MemberId): Promise<MemberRecord> {
  const found = await view.findMember(id);
  if (found?.organisation !== organisation || found.removedAt !== null) throw membersProblem("member/unknown");
  if (id === member) throw membersProblem("member/self");
  return found;
}
