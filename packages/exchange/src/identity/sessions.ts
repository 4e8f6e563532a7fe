/** Portal sessions: 12 hours at most, 15 minutes idle (NIST SP 800-63B-4 §5.2 asks for no more than 24 h and 1 h at AAL2). */
import type { Sha256 } from "@safeconduct/foundation";
import { bearerHash } from "../bearer.ts";
import type { MemberCaller } from "../callers.ts";
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
  if (!found?.member) return null;
  const { session, member } = found;
  if (now >= session.expiresAt || now >= session.usedAt + SESSION_IDLE_MS) return null;
  if (now >= session.usedAt + TOUCH_EVERY_MS) await store.transaction((tx) => tx.touchSession(session.id, now));
  return { member: member.id, organisation: member.organisation, by: { session: session.id } };
}

/** The caller behind an attacker-controlled API token, or null. Counts as a use. */
export async function memberOfToken({ store, sha256, now }: Deps, bearer: string): Promise<MemberCaller | null> {
  const hash = bearerHash("sct", bearer, sha256);
  if (hash === null) return null;
  const token = await store.read((view) => view.findToken(hash));
  if (token === null || token.revokedAt !== null) return null;
  if (now >= (token.usedAt ?? 0) + TOUCH_EVERY_MS) await store.transaction((tx) => tx.touchToken(token.id, now));
  return { member: token.member, organisation: token.organisation, by: { token: token.id } };
}
