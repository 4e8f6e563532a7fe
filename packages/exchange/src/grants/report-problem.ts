/**
 * A recipient tells the sender that something is wrong: by a closed list, so that no health data come in. It needs the confirmed
 * address and no second factor: who cannot give that, or got somebody else's link, has the most to tell.
 */
import type { ProblemKind } from "@safeconduct/contract";
import type { Random } from "@safeconduct/foundation";
import type { RecipientCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { OutboxDoor } from "../outbox/ports.ts";
import { grantProblem } from "./errors.ts";
import { readableGrant } from "./live-grant.ts";
import { problemMailJob } from "./problem-mail.ts";
import { currentSession } from "./second-factor.ts";

/** Reports of one link: each is an entry and a mail, and two kinds in turns could go on for ever. */
export const PROBLEM_REPORT_LIMIT = 10;

/**
 * What was reported last is not reported again, unless it was marked as dealt with: then it says that it was not. Problems: `grant/unavailable`, `grant/session-required`, `grant/reported-enough`.
 */
export async function reportProblem(
  { perform, outbox, random }: { perform: Perform; outbox: OutboxDoor; random: Random },
  caller: RecipientCaller,
  { kind }: { kind: ProblemKind },
): Promise<void> {
  await perform(async (tx, now) => {
    const { grant, transfer } = await readableGrant(tx, caller.grant, now);
    await currentSession(tx, caller, now);
    if (grant.problemKind === kind && grant.problemSettledAt === null) return { entries: [], value: undefined };
    if (grant.problemReports >= PROBLEM_REPORT_LIMIT) throw grantProblem("grant/reported-enough");
    await tx.updateGrant(grant.id, {
      problemKind: kind,
      problemReportedAt: now,
      problemReports: grant.problemReports + 1,
      problemSettledAt: null,
    });
    await tx.saveJob(problemMailJob(grant.id, now, random));
    const entry = {
      type: "grant/problem-reported",
      actor: { kind: "recipient", id: grant.id },
      organisation: grant.organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      detail: { session: caller.session, problem: kind },
    } as const;
    return { entries: [entry], value: undefined };
  });
  await outbox.nudge();
}
