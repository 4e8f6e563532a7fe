/** What every second factor's step looks like: who sent it, one form, what to do when the proof is not at hand. */
import type { Problem } from "@safeconduct/foundation";
import type { ReactElement, ReactNode } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { Facts, Recorded } from "./invitation-step.tsx";
import type { Invitation } from "./arrival.ts";
import type { Visit } from "./visit.ts";

const NOW_EVERY_MS = 5_000;

export interface FactorStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly onAccepted: () => void;
  /** True when it dealt with the problem. */
  readonly onProblem: (problem: Problem) => boolean;
}

interface FrameProps extends Pick<FactorStepProps, "invitation" | "onAccepted" | "onProblem"> {
  readonly words: {
    readonly title: string;
    readonly submit: string;
    readonly busy: string;
    readonly helpTitle: string;
    readonly help: (sender: string, organisation: string) => string;
  };
  /** Gives the proof. Answers what this page finds wrong by itself; throws what the server refuses. */
  readonly prove: () => Promise<readonly FieldProblem[]>;
  /** How a refusal is said here. */
  readonly refusal: (problem: Problem) => FieldProblem;
  /** What is in the form above its button. */
  readonly children: (problems: readonly FieldProblem[]) => ReactNode;
}

export function FactorStep(props: FrameProps): ReactElement {
  const { invitation, words, prove, refusal, onAccepted, onProblem, children } = props;
  const now = useNow(NOW_EVERY_MS);
  const { problems, busy, submit } = useSubmission(async () => {
    try {
      const found = await prove();
      if (found.length === 0) onAccepted();
      return found;
    } catch (thrown) {
      const problem = problemOf(thrown);
      return onProblem(problem) ? [] : [refusal(problem)];
    }
  });
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} first={problems.length > 0} failed={problems.length > 0} />
      <Facts invitation={invitation} now={now} />
      <div className="card stack">
        <form className="stack" noValidate onSubmit={submit}>
          {children(problems)}
          <SubmitButton busy={busy} label={words.submit} busyLabel={words.busy} wide />
          <p className="visually-hidden" role="status">
            {busy ? words.busy : ""}
          </p>
        </form>
        <details className="small">
          <summary>{words.helpTitle}</summary>
          <p className="soft">{words.help(invitation.sender, invitation.organisation)}</p>
        </details>
      </div>
      <Recorded invitation={invitation} />
    </div>
  );
}
