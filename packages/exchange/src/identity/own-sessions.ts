/** Where a member is signed in, and how that is ended from elsewhere. API tokens are not sessions and stay. */
import type { SessionId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { SessionRecord } from "../records.ts";
import type { Store, Transaction } from "../store.ts";
import { signInProblem } from "./errors.ts";
import { lockedSince, ownSession } from "./sessions.ts";

export interface OwnSession extends Pick<SessionRecord, "id" | "browser" | "system" | "createdAt" | "usedAt"> {
  readonly isLocked: boolean;
  /** The one that asks. */
  readonly isCurrent: boolean;
}

/** The one that asks first, then the last used first. Problems: those of {@link ownSession}. */
export function listSessions(
  { store, now }: { store: Store; now: number },
  caller: MemberCaller,
): Promise<readonly OwnSession[]> {
  return store.read(async (view) => {
    const current = await ownSession(view, caller, now);
    const alive = (await view.sessionsOf(caller.member)).filter(({ expiresAt }) => now < expiresAt);
    return alive
      .map((session) => ({
        ...session,
        isLocked: lockedSince(session, now) !== null,
        isCurrent: session.id === current.id,
      }))
      .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.usedAt - a.usedAt);
  });
}

/** Problems: those of {@link ownSession}, `sign-in/session-unknown` for one that is over, or not the caller's. */
export function endSession({ perform }: { perform: Perform }, caller: MemberCaller, id: SessionId): Promise<void> {
  return perform(async (tx, now) => {
    await ownSession(tx, caller, now);
    const session = (await tx.sessionsOf(caller.member)).find((each) => each.id === id);
    if (session === undefined || now >= session.expiresAt) throw signInProblem("sign-in/session-unknown");
    await tx.endSession(id);
    return { entries: [entry(caller, { session: id })], value: undefined };
  });
}

/** Every one of the member but the one that asks. Problems: those of {@link ownSession}. */
export function endOtherSessions({ perform }: { perform: Perform }, caller: MemberCaller): Promise<void> {
  return perform(async (tx, now) => {
    const sessions = await endOthers(tx, caller, now);
    return { entries: sessions === 0 ? [] : [entry(caller, { sessions })], value: undefined };
  });
}

/** How many were ended. Problems: those of {@link ownSession}. */
export async function endOthers(tx: Transaction, caller: MemberCaller, now: number): Promise<number> {
  const current = await ownSession(tx, caller, now);
  const others = (await tx.sessionsOf(caller.member)).filter(({ id }) => id !== current.id);
  for (const { id } of others) await tx.endSession(id);
  return others.filter(({ expiresAt }) => now < expiresAt).length;
}

const entry = (caller: MemberCaller, detail: { session: SessionId } | { sessions: number }) =>
  ({
    type: "session/ended",
    actor: { kind: "member", id: caller.member },
    organisation: caller.organisation,
    detail,
  }) as const;
