/** A recipient's session in which a second factor was passed: only such a one may change what the address has enrolled. */
import type { RecipientCaller } from "../callers.ts";
import { grantProblem } from "../grants/errors.ts";
import { type LiveGrant, readableGrant, requireBegun } from "../grants/live-grant.ts";
import { currentSession } from "../grants/second-factor.ts";
import type { View } from "../store.ts";

/**
 * Problems: `grant/unavailable`, `grant/not-yet`, `grant/session-required`, `grant/factor-required` also where the grant demands
 * no factor: link and mailbox alone never lead to one.
 */
export async function passedSession(view: View, caller: RecipientCaller, now: number): Promise<LiveGrant> {
  const found = await readableGrant(view, caller.grant, now);
  requireBegun(found.grant, now);
  if ((await currentSession(view, caller, now)).factorPassedAt === null) throw grantProblem("grant/factor-required");
  return found;
}
