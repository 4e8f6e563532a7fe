/** What the sender asks, to be accepted before anything is opened. */
import type { Conditions } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import type { ReactElement } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { purposeWords } from "../elements/words.ts";
import { Facts, Recorded } from "./invitation-step.tsx";
import { texts } from "./texts.ts";
import type { Invitation } from "./arrival.ts";
import type { Visit } from "./visit.ts";

const words = texts.terms;
const NOW_EVERY_MS = 5_000;

export interface TermsStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly onAccepted: () => void;
  /** True when it dealt with the problem. */
  readonly onProblem: (problem: Problem) => boolean;
}

export function TermsStep({ visit, invitation, onAccepted, onProblem }: TermsStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const { problems, busy, submit } = useSubmission(async () => {
    try {
      await visit.acceptConditions();
      onAccepted();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      return onProblem(problem) ? [] : [{ field: null, message: problem.message }];
    }
  });
  const { conditions, closesOnReceipt } = visit.asked();
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} first={problems.length > 0} failed={problems.length > 0} />
      <Facts invitation={invitation} now={now} />
      <form className="card stack" noValidate onSubmit={submit}>
        <h2>{words.heading(invitation.sender)}</h2>
        <ul className="terms">
          <li>{words.purpose(purposeWords[invitation.purpose])}</li>
          {invitation.profile === "viewable" && <li>{words.viewOnly}</li>}
          {conditions !== null && <li>{copiesWords(conditions)}</li>}
          {closesOnReceipt && <li>{words.closes}</li>}
        </ul>
        <SubmitButton busy={busy} label={words.accept} busyLabel={words.busy} wide />
        <details className="small">
          <summary>{words.cannotTitle}</summary>
          <p className="soft">{words.cannot(invitation.sender)}</p>
        </details>
      </form>
      <Recorded invitation={invitation} />
    </div>
  );
}

export function copiesWords({ mayStore, deleteByDays }: Conditions): string {
  if (!mayStore) return words.noCopies;
  return deleteByDays === null ? words.copies : words.copiesDays(deleteByDays);
}
