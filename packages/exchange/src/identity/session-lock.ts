/**
 * A locked session: nothing is read and nothing begun with it until its member proves who is there. An upload that began before goes
 * on to its end, because a lock that loses an hour of work is a lock that people switch off (ADR 19).
 */
import type { TransferId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { MemberRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { signInProblem } from "./errors.ts";
import { lockedSince, ownSession, SESSION_IDLE_MS, type SessionCaller } from "./sessions.ts";

/** Locks the caller's session. Again changes nothing. Problems: those of {@link ownSession}. */
export function lockSession({ perform }: { perform: Perform }, caller: MemberCaller): Promise<void> {
  return perform(async (tx, now) => {
    const session = await ownSession(tx, caller, now);
    if (session.lockedAt !== null) return { entries: [], value: undefined };
    await tx.updateSession(session.id, { lockedAt: lockedSince(session, now) ?? now });
    const entry = {
      type: "session/locked",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      detail: { session: session.id },
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/**
 * What a locked session may do with a transfer: go on with what its own member began before the lock. Problem `sign-in/locked`, also
 * for a transfer that is unknown or a colleague's: a locked session learns nothing.
 */
export async function requireBegunBefore(
  { store }: { store: Store },
  { member, lockedSince: since }: SessionCaller,
  id: TransferId | null,
): Promise<void> {
  if (since === null) return;
  const transfer = id && (await store.read((view) => view.findTransfer(id)));
  if (!transfer || transfer.member !== member || transfer.createdAt > since) throw signInProblem("sign-in/locked");
}

/** How a session stands. Durations, because the page's clock need not agree with ours. */
export interface ShownSession {
  readonly member: MemberRecord;
  /** Whether there is a passkey that unlocks it. */
  readonly hasPasskey: boolean;
  readonly isLocked: boolean;
  /** 0 when it is locked. */
  readonly locksInMs: number;
  readonly endsInMs: number;
}

/** Problems: those of {@link ownSession}. */
export function showSession(
  { store, now }: { store: Store; now: number },
  caller: MemberCaller,
): Promise<ShownSession> {
  return store.read(async (view) => {
    const session = await ownSession(view, caller, now);
    const member = await view.findMember(caller.member);
    if (member === null) throw signInProblem("sign-in/required");
    const isLocked = lockedSince(session, now) !== null;
    return {
      member,
      hasPasskey: (await view.passkeysOf(member.id)).length > 0,
      isLocked,
      locksInMs: isLocked ? 0 : session.usedAt + SESSION_IDLE_MS - now,
      endsInMs: session.expiresAt - now,
    };
  });
}
