/** Jobs of the outbox: each has something to do for a link, an invitation or a member that is there. */
import { codeMailNeed } from "../grants/code-mail.ts";
import { problemMailNeed } from "../grants/problem-mail.ts";
import { accountMailNeed } from "../identity/account-mail.ts";
import { invitationMailNeed } from "../members/invitation-mail.ts";
import type { Store } from "../store.ts";
import type { Findings } from "./findings.ts";

/** More than these cannot wait: one for each link whose code, and each invitation, report or change of an account whose mail is on its way. */
const JOB_LIMIT = 1_000_000;

const NEEDS = {
  "account-mail": accountMailNeed,
  "code-mail": codeMailNeed,
  "invitation-mail": invitationMailNeed,
  "problem-mail": problemMailNeed,
};

/** `now`: milliseconds since the Unix epoch; what has ended since needs no mail any more. */
export async function checkJobs(
  { store, now }: { readonly store: Store; readonly now: number },
  findings: Findings,
): Promise<void> {
  const jobs = await store.read((view) => view.jobsDue(Number.MAX_SAFE_INTEGER, JOB_LIMIT));
  for (const job of jobs) {
    const need = await store.read((view) => NEEDS[job.kind](view, job, now));
    // One that waits for its next try is dropped when that comes: its link has ended in the meantime.
    if (need === "idle" && job.dueAt > now) continue;
    if (need !== "wanted") findings.add(need === "idle" ? "job/idle" : "job/without-record", { job: job.id });
  }
}
