/** Portal sessions: 12 hours at most, 15 minutes idle (NIST SP 800-63B-4 §5.2 asks for no more than 24 h and 1 h at AAL2). */
import type { Sha256 } from "@safeconduct/foundation";
import { bearerHash } from "../bearer.ts";
import type { MemberCaller } from "../callers.ts";
import type { MemberRecord } from "../records.ts";
import type { Store } from "../store.ts";

export const SESSION_LIFE_MS = 12 * 60 * 60 * 1000;
export const SESSION_IDLE_MS = 15 * 60 * 1000;
/** A use is written down at most this often, so that reading a list does not cost a commit each time. */
const TOUCH_EVERY_MS = 30 * 1000;

interface Deps {
  readonly store: Store;
  readonly sha256: Sha256;
  readonly now: number;
}

/** The caller behind an attacker-controlled session bearer, or null. Counts as a use. */
export async function memberOfSession({ store, sha256, now }: Deps, bearer: string): Promise<MemberCaller | null> {
  const hash = bearerHash("scs", bearer, sha256);
  if (hash === null) return null;
  const found = await store.read(async (view) => {
    const session = await view.findSession(hash);
    return session && { session, member: await view.findMember(session.member) };
  });
  if (!found?.member || found.member.removedAt !== null) return null;
  const { session, member } = found;
  if (now >= session.expiresAt || now >= session.usedAt + SESSION_IDLE_MS) return null;
  if (now >= session.usedAt + TOUCH_EVERY_MS)
    await store.transaction(async (tx) => {
      await tx.touchSession(session.id, now);
      await tx.updateMember(member.id, { seenAt: now });
    });
  return callerOf(member, { session: session.id });
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
  if (now >= (token.usedAt ?? 0) + TOUCH_EVERY_MS)
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
