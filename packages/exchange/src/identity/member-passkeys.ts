/**
 * Passkeys that a member signs in with: added and taken away after a fresh proof, so that a session left open, or stolen, gives nobody
 * a way in that lasts. Password and authenticator stay beside them, so no passkey is ever the last way in. The member gets a mail
 * about each change.
 */
import { type Bytes, drawId, type FactorId, type Random, type Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { encodePasskey } from "../factors/passkey-credential.ts";
import type { PasskeyRegistration, Passkeys } from "../factors/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import type { MemberPasskeyRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { accountMailJob } from "./account-mail.ts";
import { passkeyProblem, signInProblem } from "./errors.ts";
import { userHandleOf } from "./passkey-use.ts";
import { requireFreshProof } from "./prove-session.ts";
import { ownSession } from "./sessions.ts";
import { drawSignInChallenge, heldChallenge, spendSignInChallenge } from "./sign-in-challenge.ts";

/** Of one member. */
export const MEMBER_PASSKEYS_MAX = 10;

/** Oldest first. Problems: those of {@link ownSession}. */
export function listMemberPasskeys(
  { store, now }: { store: Store; now: number },
  caller: MemberCaller,
): Promise<readonly MemberPasskeyRecord[]> {
  return store.read(async (view) => {
    await ownSession(view, caller, now);
    return view.passkeysOf(caller.member);
  });
}

/** What the device is to make a passkey from. */
export interface NewMemberPasskey {
  readonly challenge: Bytes;
  readonly rpId: string;
  readonly organisation: string;
  readonly name: string;
  readonly address: string;
  readonly userHandle: Bytes;
  /** Ids of those that the member has: the same device does not make another one. */
  readonly enrolled: readonly Bytes[];
}

interface Deps {
  readonly store: Store;
  readonly passkeys: Passkeys;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly now: number;
}
interface Changing {
  readonly perform: Perform;
  readonly outbox: OutboxDoor;
  readonly random: Random;
}

/** Not an entry: nothing has happened yet. Problems: those of {@link ownSession}, `sign-in/proof-required`, `passkey/too-many`. */
export function beginMemberPasskey(
  { store, passkeys, random, sha256, now }: Deps,
  caller: MemberCaller,
): Promise<NewMemberPasskey> {
  return store.transaction(async (tx) => {
    const session = await ownSession(tx, caller, now);
    requireFreshProof(session, now);
    const enrolled = await tx.passkeysOf(caller.member);
    if (enrolled.length >= MEMBER_PASSKEYS_MAX) throw passkeyProblem("passkey/too-many");
    const member = await tx.findMember(caller.member);
    const organisation = await tx.organisation(caller.organisation);
    if (member === null || organisation === null) throw signInProblem("sign-in/required");
    const of = { bearerHash: session.tokenHash, purpose: "enrolment" } as const;
    return {
      challenge: await drawSignInChallenge(tx, { of, now, random, sha256 }),
      rpId: passkeys.rpId(),
      organisation: organisation.name,
      name: member.name,
      address: member.address,
      userHandle: userHandleOf(sha256, member.id),
      enrolled: enrolled.map(({ credentialId }) => credentialId),
    };
  });
}

/**
 * The new passkey under a name of the member's choice. Problems: those of {@link ownSession}, `passkey/not-begun` (in this session, or
 * too long ago, or answered before), `passkey/too-many`, `passkey/refused`, also where somebody has it already.
 */
export async function addMemberPasskey(
  { store, perform, outbox, passkeys, random, sha256, now: readAt }: Deps & Changing,
  caller: MemberCaller,
  { name, ...registration }: PasskeyRegistration & { name: string },
): Promise<MemberPasskeyRecord> {
  const { of, challenge } = await store.read(async (view) => {
    const { tokenHash } = await ownSession(view, caller, readAt);
    const holder = { bearerHash: tokenHash, purpose: "enrolment" } as const;
    return { of: holder, challenge: await heldChallenge(view, { of: holder, now: readAt, sha256 }) };
  });
  const passkey = challenge && (await passkeys.registered({ challenge, registration }));
  const added = await perform(async (tx, now) => {
    await ownSession(tx, caller, now);
    if (!(await spendSignInChallenge(tx, { of, now, challenge, sha256 }))) throw passkeyProblem("passkey/not-begun");
    if ((await tx.passkeysOf(caller.member)).length >= MEMBER_PASSKEYS_MAX) throw passkeyProblem("passkey/too-many");
    // Not thrown: the question is spent.
    if (passkey === null || (await tx.findPasskey(passkey.credentialId)) !== null)
      return { entries: [], refusal: passkeyProblem("passkey/refused") };
    const record: MemberPasskeyRecord = {
      id: drawId("factor", random),
      member: caller.member,
      name,
      credentialId: passkey.credentialId,
      credential: encodePasskey(passkey),
      counter: passkey.counter,
      createdAt: now,
      usedAt: null,
    };
    await tx.addPasskey(record);
    await tx.saveJob(accountMailJob({ member: caller.member, change: "passkey-added", at: now }, random));
    return { entries: [entry("passkey/added", caller, record.id)], value: record };
  });
  await outbox.nudge();
  return added;
}

/** Problems: those of {@link ownSession}, `sign-in/proof-required`, `passkey/unknown` for one that is gone or not the caller's. */
export async function removeMemberPasskey(
  { perform, outbox, random }: Changing,
  caller: MemberCaller,
  id: FactorId,
): Promise<void> {
  await perform(async (tx, now) => {
    requireFreshProof(await ownSession(tx, caller, now), now);
    if (!(await tx.passkeysOf(caller.member)).some((passkey) => passkey.id === id))
      throw passkeyProblem("passkey/unknown");
    await tx.deletePasskey(id);
    await tx.saveJob(accountMailJob({ member: caller.member, change: "passkey-removed", at: now }, random));
    return { entries: [entry("passkey/removed", caller, id)], value: undefined };
  });
  await outbox.nudge();
}

const entry = (type: "passkey/added" | "passkey/removed", caller: MemberCaller, passkey: FactorId) =>
  ({
    type,
    actor: { kind: "member", id: caller.member },
    organisation: caller.organisation,
    detail: { passkey },
  }) as const;
