/**
 * Somebody who was invited becomes a member: name and password, then the authenticator, as at set-up. A wrong, old, withdrawn or used
 * link is `invitation/unavailable` at each step. Looking at it changes nothing, so mail scanners may.
 */
import type { Language } from "@safeconduct/contract";
import type { Bytes, Random, Sha256 } from "@safeconduct/foundation";
import type { Identity } from "../identity/ports.ts";
import type { OpenedFrom } from "../identity/browser-name.ts";
import { openSession } from "../identity/sessions.ts";
import type { SignedIn } from "../identity/sign-in.ts";
import type { Perform } from "../ledger/performer.ts";
import type { InvitationRecord, MemberRecord, OrganisationRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { membersProblem } from "./errors.ts";
import { isSameAddress, openInvitation } from "./invitation.ts";

interface Invited {
  readonly invitation: InvitationRecord;
  readonly organisation: OrganisationRecord;
}

/** Problem `invitation/unavailable`. */
export function showInvited(
  { store, sha256, now }: { store: Store; sha256: Sha256; now: number },
  { token }: { token: Bytes },
): Promise<Invited> {
  return store.read(async (view) => {
    const invitation = await openInvitation(view, { token, sha256, now });
    const organisation = await view.organisation(invitation.organisation);
    if (organisation === null) throw membersProblem("invitation/unavailable");
    return { invitation, organisation };
  });
}

/** May be repeated until it is complete. Problems: `invitation/unavailable`, and those of {@link Identity.enrol}. */
export async function enrolInvited(
  { store, identity, sha256, now }: { store: Store; identity: Identity; sha256: Sha256; now: number },
  { token, name, password }: { token: Bytes; name: string; password: string },
): Promise<{ otpauthUri: string; secret: string }> {
  const { invitation, former } = await store.transaction(async (tx) => {
    const open = await openInvitation(tx, { token, sha256, now });
    await tx.updateInvitation(open.id, { pendingName: name });
    const members = await tx.membersOf(open.organisation);
    return { invitation: open, former: members.filter(({ address }) => isSameAddress(address, open.address)) };
  });
  const { member, address } = invitation;
  // An account of before, under this address, whose removal was interrupted after it was decided.
  for (const { id, removedAt } of former) if (removedAt !== null) await identity.remove(id);
  // Whoever confirmed an authenticator and then lost it before completion begins again with another.
  await identity.remove(member);
  return identity.enrol({ member, name, address, password });
}

/** Problems: `invitation/unavailable`, `invitation/not-enrolled`, `invitation/wrong-code`. The link works once. */
export async function completeJoining(
  deps: { store: Store; perform: Perform; identity: Identity; random: Random; sha256: Sha256; now: number },
  { token, code, language, from }: { token: Bytes; code: string; language: Language | null; from: OpenedFrom },
): Promise<SignedIn> {
  const { store, perform, identity, random, sha256 } = deps;
  const { invitation } = await showInvited(deps, { token });
  if (invitation.pendingName === null) throw membersProblem("invitation/not-enrolled");
  if (!(await identity.confirmAuthenticator({ member: invitation.member, code })))
    throw membersProblem("invitation/wrong-code");
  return perform(async (tx, now) => {
    // Two completions, or one and a withdrawal, may have raced to this point: the link works once.
    const open = await openInvitation(tx, { token, sha256, now });
    const organisation = await tx.organisation(open.organisation);
    if (organisation === null) throw membersProblem("invitation/unavailable");
    const { id, member: memberId, address, roles, invitedBy } = open;
    const member: MemberRecord = {
      id: memberId,
      organisation: organisation.id,
      name: open.pendingName ?? open.name,
      address,
      roles,
      language,
      createdAt: now,
      seenAt: now,
      removedAt: null,
    };
    await tx.addMember(member);
    await tx.deleteInvitation(id);
    const session = await openSession(tx, { member: memberId, now, from, random, sha256 });
    const by = { actor: { kind: "member", id: memberId }, organisation: organisation.id } as const;
    return {
      entries: [
        { ...by, type: "member/joined", detail: { invitation: id, invitedBy, roles: roles.join(" ") } },
        { ...by, type: "member/signed-in" },
      ],
      value: { member, organisation, session },
    };
  }).catch(async (error: unknown) => {
    // The account was confirmed for an invitation that is no more; left alone, it would keep the address.
    if ((await store.read((view) => view.findMember(invitation.member))) === null)
      await identity.remove(invitation.member);
    throw error;
  });
}
