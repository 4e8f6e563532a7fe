/** The passcode that the sender told apart from the link: one field, and what to do when it is not known. */
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { Facts, Recorded } from "./invitation-step.tsx";
import { texts } from "./texts.ts";
import type { Invitation, Visit } from "./visit.ts";

const words = texts.passcode;
const NOW_EVERY_MS = 5_000;
/** What belongs to the field; anything else is about the visit. */
const OF_THE_FIELD: ReadonlySet<string> = new Set(["client/bad-passcode", "grant/factor-refused"]);

export interface PasscodeStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly onAccepted: () => void;
  /** True when it dealt with the problem. */
  readonly onProblem: (problem: Problem) => boolean;
}

export function PasscodeStep({ visit, invitation, onAccepted, onProblem }: PasscodeStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [passcode, setPasscode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    try {
      await visit.provePasscode(passcode);
      onAccepted();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (onProblem(problem)) return [];
      return [{ field: OF_THE_FIELD.has(problem.code) ? "passcode" : null, message: problem.message }];
    }
  });
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} first={problems.length > 0} failed={problems.length > 0} />
      <Facts invitation={invitation} now={now} />
      <div className="card stack">
        <form className="stack" noValidate onSubmit={submit}>
          <Field
            id="passcode"
            label={words.label}
            hint={words.hint(invitation.sender)}
            autoComplete="off"
            className="passcode"
            value={passcode}
            onChange={setPasscode}
            problems={problems}
          />
          <SubmitButton busy={busy} label={words.submit} busyLabel={words.busy} wide />
          <p className="visually-hidden" role="status">
            {busy ? words.busy : ""}
          </p>
        </form>
        <details className="small">
          <summary>{words.unknownTitle}</summary>
          <p className="soft">{words.unknown(invitation.sender, invitation.organisation)}</p>
        </details>
      </div>
      <Recorded invitation={invitation} />
    </div>
  );
}
