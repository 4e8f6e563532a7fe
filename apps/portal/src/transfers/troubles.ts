/** What keeps an open link from its recipient, and what they say is wrong with it. */
import { type Grant, grantEnded } from "./custody.ts";

export type Trouble = "suspended" | "locked" | "code-undelivered" | "problem";

/** Reported, and nobody has said that it is dealt with. */
const isUnsettled = ({ problem }: Grant): boolean => problem !== null && problem.settledAt === null;

/** None of a link that has ended: it needs nobody's attention any more. */
export function troublesOf(grant: Grant, now: number): readonly Trouble[] {
  if (grantEnded(grant, now)) return [];
  return [
    ...(grant.suspendedAt === null ? [] : (["suspended"] as const)),
    ...(grant.locked ? (["locked"] as const) : []),
    ...(grant.codeUndeliveredAt === null ? [] : (["code-undelivered"] as const)),
    ...(isUnsettled(grant) ? (["problem"] as const) : []),
  ];
}
