/** An administrator invites somebody, mails the invitation again, or takes it back. */
import { LIMITS, type MemberRole } from "@safeconduct/contract";
import {
  type Bytes,
  drawId,
  type InvitationId,
  type MemberId,
  type Random,
  type Sha256,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Identity } from "../identity/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import type { InvitationRecord } from "../records.ts";
import type { Transaction } from "../store.ts";
import { presentReaches } from "../transfers/permitted-transfer.ts";
import { membersProblem } from "./errors.ts";
import {
  INVITATION_LIFE_MS,
  INVITATION_RESEND_MS,
  INVITATION_SALT_BYTES,
  invitationToken,
  isSameAddress,
} from "./invitation.ts";
import { invitationMailJob } from "./invitation-mail.ts";

interface Deps {
  readonly perform: Perform;
  readonly outbox: OutboxDoor;
  readonly random: Random;
  readonly sha256: Sha256;
  /** 32 bytes, from a file. */
  readonly codeKey: Bytes;
}

/** Problems: `member/already-in`, `member/too-many`, `invitation/exists`. */
export async function inviteMember(
  deps: Deps,
  caller: MemberCaller,
  { address, name, roles }: { address: string; name: string; roles: readonly MemberRole[] },
): Promise<InvitationRecord> {
  const { perform, outbox, random } = deps;
  const { organisation, member: invitedBy } = caller;
  const ids = { id: drawId("invitation", random), member: drawId("member", random) };
  const made = await perform(async (tx, now) => {
    await presentReaches(tx, caller, "inviteMember");
    const members = (await tx.membersOf(organisation)).filter(({ removedAt }) => removedAt === null);
    if (members.some((member) => isSameAddress(member.address, address))) throw membersProblem("member/already-in");
    const open = await tx.invitationsOf(organisation);
    if (open.some((other) => isSameAddress(other.address, address))) throw membersProblem("invitation/exists");
    if (members.length + open.length >= LIMITS.membersPerOrganisation) throw membersProblem("member/too-many");
    const record: InvitationRecord = {
      ...ids,
      organisation,
      address,
      name,
      roles,
      invitedBy,
      createdAt: now,
      ...mailed(deps, ids.id, now),
      pendingName: null,
    };
    await tx.addInvitation(record);
    await tx.saveJob(invitationMailJob(record, random));
    return { entries: [invited(caller, record)], value: record };
  });
  await outbox.nudge();
  return made;
}

/** A fresh link; the one before stops working. Problems: `invitation/unknown`, `invitation/wait`. */
export async function resendInvitation(deps: Deps, caller: MemberCaller, id: InvitationId): Promise<void> {
  const { perform, outbox, random } = deps;
  await perform(async (tx, now) => {
    await presentReaches(tx, caller, "resendInvitation");
    const known = await ownInvitation(tx, caller, id);
    const waitMs = known.sentAt + INVITATION_RESEND_MS - now;
    if (waitMs > 0) throw membersProblem("invitation/wait", { retryAfterSeconds: Math.ceil(waitMs / 1000) });
    const change = mailed(deps, id, now);
    await tx.updateInvitation(id, change);
    await tx.saveJob(invitationMailJob({ ...known, ...change }, random));
    return { entries: [invited(caller, known)], value: undefined };
  });
  await outbox.nudge();
}

/** Its link stops working. Problem `invitation/unknown`. */
export async function withdrawInvitation(
  { perform, identity }: { perform: Perform; identity: Identity },
  caller: MemberCaller,
  id: InvitationId,
): Promise<void> {
  const { member } = await perform(async (tx) => {
    await presentReaches(tx, caller, "withdrawInvitation");
    const invitation = await ownInvitation(tx, caller, id);
    return { entries: [await withdrawn(tx, invitation, caller)], value: invitation };
  });
  await identity.remove(member);
}

/** Whoever may not invite any more has invited nobody. Answers the entries. */
export async function withdrawInvitationsOf(
  tx: Transaction,
  inviter: MemberId,
  caller: MemberCaller,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const invitation of await tx.invitationsOf(caller.organisation))
    if (invitation.invitedBy === inviter) entries.push(await withdrawn(tx, invitation, caller));
  return entries;
}

async function ownInvitation(tx: Transaction, { organisation }: MemberCaller, id: InvitationId) {
  const invitation = await tx.findInvitation(id);
  if (invitation?.organisation !== organisation) throw membersProblem("invitation/unknown");
  return invitation;
}

function mailed({ random, sha256, codeKey }: Deps, invitation: InvitationId, now: number) {
  const salt = random.bytes(INVITATION_SALT_BYTES);
  const tokenHash = sha256(invitationToken(sha256, { key: codeKey, salt, invitation }));
  return { salt, tokenHash, sentAt: now, expiresAt: now + INVITATION_LIFE_MS, undeliveredAt: null };
}

const invited = ({ member: id, organisation }: MemberCaller, { id: invitation, member, roles }: InvitationRecord) =>
  ({
    type: "member/invited",
    actor: { kind: "member", id },
    organisation,
    detail: { invitation, member, roles: roles.join(" ") },
  }) as const;

async function withdrawn(
  tx: Transaction,
  { id: invitation, member, organisation }: InvitationRecord,
  { member: id }: MemberCaller,
): Promise<Entry> {
  await tx.deleteInvitation(invitation);
  return {
    type: "member/invitation-withdrawn",
    actor: { kind: "member", id },
    organisation,
    detail: { invitation, member },
  };
}
