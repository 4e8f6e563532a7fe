/** What keeps an open link from its recipient, and what they say is wrong with it. */
import { type Grant, grantEnded } from "./custody.ts";

export type Trouble = "suspended" | "locked" | "code-undelivered" | "problem";

/** None of a link that has ended: it needs nobody's attention any more. */
export function troublesOf(grant: Grant, now: number): readonly Trouble[] {
  if (grantEnded(grant, now)) return [];
  return [
    ...(grant.suspendedAt === null ? [] : (["suspended"] as const)),
    ...(grant.locked ? (["locked"] as const) : []),
    ...(grant.codeUndeliveredAt === null ? [] : (["code-undelivered"] as const)),
    ...(grant.problem === null ? [] : (["problem"] as const)),
  ];
}
