/** What has happened between two readings of the list, in words for those who do not see it change. */
import type { Grant, Transfer } from "./custody.ts";

export type Step =
  | "confirmed"
  | "released"
  | "receipt"
  | "ended"
  | "code-undelivered"
  | "locked"
  | "problem"
  | "destroyed";

export interface Change {
  readonly grant: Grant;
  readonly step: Step;
}

/** The furthest step of each recipient that is new, in the order of the list; transfers that were not there before are none. */
export function changesBetween(before: readonly Transfer[], after: readonly Transfer[]): readonly Change[] {
  const known = new Map(before.flatMap(({ grants }) => grants.map((grant) => [grant.id, grant] as const)));
  return after.flatMap(({ grants }) =>
    grants.flatMap((grant) => {
      const old = known.get(grant.id);
      const step = old === undefined ? null : newStep(old, grant);
      return step === null ? [] : [{ grant, step }];
    }),
  );
}

function newStep(old: Grant, grant: Grant): Step | null {
  if (old.destroyedAt === null && grant.destroyedAt !== null) return "destroyed";
  if (old.endedAt === null && grant.endedAt !== null) return "ended";
  if (!old.locked && grant.locked) return "locked";
  if (grant.codeUndeliveredAt !== null && grant.codeUndeliveredAt !== old.codeUndeliveredAt) return "code-undelivered";
  if (grant.problem !== null && grant.problem.reportedAt !== old.problem?.reportedAt) return "problem";
  if (old.receiptAt === null && grant.receiptAt !== null) return "receipt";
  if (grant.releases > old.releases) return "released";
  if (old.confirmedAt === null && grant.confirmedAt !== null) return "confirmed";
  return null;
}
