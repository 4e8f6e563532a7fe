/** The code of the authenticator app that the recipient added after an earlier link. */
import { sixDigitCode } from "@safeconduct/contract";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { CodeField, ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { Facts, Recorded } from "./invitation-step.tsx";
import { texts } from "./texts.ts";
import type { Invitation, Visit } from "./visit.ts";

const words = texts.authenticator;
const NOW_EVERY_MS = 5_000;

export interface AuthenticatorStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly onAccepted: () => void;
  /** True when it dealt with the problem. */
  readonly onProblem: (problem: Problem) => boolean;
}

export function AuthenticatorStep({ visit, invitation, onAccepted, onProblem }: AuthenticatorStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [code, setCode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "code", message: words.wrong }];
    try {
      await visit.proveAuthenticator(code);
      onAccepted();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (onProblem(problem)) return [];
      return [
        problem.code === "grant/factor-refused"
          ? { field: "code", message: words.refused }
          : { field: null, message: problem.message },
      ];
    }
  });
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} first={problems.length > 0} failed={problems.length > 0} />
      <Facts invitation={invitation} now={now} />
      <div className="card stack">
        <form className="stack" noValidate onSubmit={submit}>
          <CodeField
            id="code"
            label={words.label}
            hint={words.hint(invitation.organisation)}
            value={code}
            onChange={setCode}
            problems={problems}
          />
          <SubmitButton busy={busy} label={words.submit} busyLabel={words.busy} wide />
        </form>
        <details className="small">
          <summary>{words.lostTitle}</summary>
          <p className="soft">{words.lost(invitation.sender, invitation.organisation)}</p>
        </details>
      </div>
      <Recorded invitation={invitation} />
    </div>
  );
}
