/**
 * Portal sessions: 12 hours at most (NIST SP 800-63B-4 §2.2.3 asks for no more than 24 h at AAL2), locked after 15 minutes without
 * use (no more than 1 h). Use is what a person does: a page that reads a list by itself keeps nothing open.
 */
import { drawId, type MemberId, type Random, type Sha256 } from "@safeconduct/foundation";
import { bearerHash, drawBearer } from "../bearer.ts";
import type { MemberCaller } from "../callers.ts";
import type { MemberRecord, SessionRecord } from "../records.ts";
import type { Store, Transaction, View } from "../store.ts";
import type { OpenedFrom } from "./browser-name.ts";
import { signInProblem } from "./errors.ts";

export const SESSION_LIFE_MS = 12 * 60 * 60 * 1000;
export const SESSION_IDLE_MS = 15 * 60 * 1000;
/** A use is written down at most this often, so that a busy hand does not cost a commit each time. */
const TOUCH_EVERY_MS = 5 * 1000;
const TOKEN_TOUCH_EVERY_MS = 30 * 1000;

interface Deps {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly now: number;
}

/** `lockedSince`: from then on the session does nothing but what a locked one may; null while it is open. */
export type SessionCaller = MemberCaller & { readonly lockedSince: number | null };

/** The caller behind an attacker-controlled session bearer, or null. Does not count as a use. */
export async function memberOfSession({ store, sha256, now }: Deps, bearer: string): Promise<SessionCaller | null> {
  const hash = bearerHash("scs", bearer, sha256);
  if (hash === null) return null;
  const found = await store.read(async (view) => {
    const session = await view.findSession(hash);
    return session && { session, member: await view.findMember(session.member) };
  });
  if (!found?.member || found.member.removedAt !== null) return null;
  const { session, member } = found;
  if (now >= session.expiresAt) return null;
  return { ...callerOf(member, { session: session.id }), lockedSince: lockedSince(session, now) };
}

/** Since when a session is locked: by its page, or because nobody used it for {@link SESSION_IDLE_MS}. Null while it is not. */
export function lockedSince({ lockedAt, usedAt }: SessionRecord, now: number): number | null {
  if (lockedAt !== null) return lockedAt;
  return now >= usedAt + SESSION_IDLE_MS ? usedAt + SESSION_IDLE_MS : null;
}

/** The caller behind an attacker-controlled API token, or null. Counts as a use. */
export async function memberOfToken({ store, sha256, now }: Deps, bearer: string): Promise<MemberCaller | null> {
  const hash = bearerHash("sct", bearer, sha256);
  if (hash === null) return null;
  const found = await store.read(async (view) => {
    const token = await view.findToken(hash);
    return token && { token, member: await view.findMember(token.member) };
  });
  if (!found?.member || found.member.removedAt !== null || found.token.revokedAt !== null) return null;
  const { token, member } = found;
  if (now >= (token.usedAt ?? 0) + TOKEN_TOUCH_EVERY_MS)
    await store.transaction(async (tx) => {
      await tx.touchToken(token.id, now);
      await tx.updateMember(member.id, { seenAt: now });
    });
  return callerOf(member, { token: token.id });
}

/** A token acts with the roles that its member has now. */
const callerOf = ({ id, organisation, roles }: MemberRecord, by: MemberCaller["by"]): MemberCaller => ({
  member: id,
  organisation,
  roles,
  by,
});

/** The bearer of a fresh session of a member who has just proved who is there. */
export async function openSession(
  tx: Transaction,
  {
    member,
    now,
    from,
    random,
    sha256,
  }: { member: MemberId; now: number; from: OpenedFrom; random: Random; sha256: Sha256 },
): Promise<string> {
  const { bearer, hash } = drawBearer("scs", { random, sha256 });
  await tx.addSession({
    id: drawId("session", random),
    member,
    tokenHash: hash,
    createdAt: now,
    usedAt: now,
    expiresAt: now + SESSION_LIFE_MS,
    browser: from.browser,
    system: from.system,
    lockedAt: null,
    provenAt: now,
  });
  return bearer;
}

/**
 * The session of the caller, as it stands in this transaction. Problems: `sign-in/session-only` for an API token, which has none,
 * `sign-in/required` when it was ended in the meantime.
 */
export async function ownSession(view: View, { member, by }: MemberCaller, now: number): Promise<SessionRecord> {
  if (!("session" in by)) throw signInProblem("sign-in/session-only");
  const session = (await view.sessionsOf(member)).find(({ id }) => id === by.session);
  if (session === undefined || now >= session.expiresAt) throw signInProblem("sign-in/required");
  return session;
}

/** A person did something on the page. Problems: those of {@link ownSession}, `sign-in/locked`. */
export async function useSession({ store, now }: { store: Store; now: number }, caller: MemberCaller): Promise<void> {
  await store.transaction(async (tx) => {
    const session = await ownSession(tx, caller, now);
    if (lockedSince(session, now) !== null) throw signInProblem("sign-in/locked");
    if (now < session.usedAt + TOUCH_EVERY_MS) return;
    await tx.updateSession(session.id, { usedAt: now });
    await tx.updateMember(caller.member, { seenAt: now });
  });
}
