/** The code: one field, the masked address, and what to do when nothing came. */
import { now as clockNow } from "../platform.ts";
import { sixDigitCode } from "@safeconduct/contract";
import type { SecondFactorKind } from "@safeconduct/envelope";
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { CodeField, ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { fieldProblem, problemOf } from "../elements/problems.ts";
import type { Invitation } from "./arrival.ts";
import { texts as arrival } from "./arrival-texts.ts";
import { Facts, Recorded, requestCode, type SentCode } from "./invitation-step.tsx";
import { texts } from "./texts.ts";
import type { Visit } from "./visit.ts";

const words = texts.code;
const NOW_EVERY_MS = 1_000;

export interface CodeStepProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
  readonly sent: SentCode | null;
  /** With the second factor that is still to be given. */
  readonly onConfirmed: (demanded: SecondFactorKind | null) => void;
  readonly onProblem: (problem: Problem) => boolean;
}

export function CodeStep({ visit, invitation, sent, onConfirmed, onProblem }: CodeStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [code, setCode] = useState("");
  const { problems, busy, submit, setProblems } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "code", message: words.wrong }];
    try {
      onConfirmed(await visit.confirm(code));
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (onProblem(problem)) return [];
      return [
        problem.code === "grant/code-refused"
          ? { field: "code", message: problem.message }
          : fieldProblem(problem, { "/code": "code" }),
      ];
    }
  });
  const hint =
    sent === null
      ? words.older(invitation.addressHint)
      : `${words.sent(invitation.addressHint)} ${words.life(sent.lifeMinutes)}`;
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading
        heading={arrival.invitation.title(invitation.organisation)}
        first={problems.length > 0}
        failed={problems.length > 0}
      />
      <Facts invitation={invitation} now={now} />
      <div className="card stack">
        <form className="stack" noValidate onSubmit={submit}>
          <CodeField id="code" label={words.label} hint={hint} value={code} onChange={setCode} problems={problems} />
          <SubmitButton busy={busy} label={words.submit} busyLabel={words.busy} wide />
        </form>
        <NotReceived
          visit={visit}
          now={now}
          firstNextAt={sent?.nextAt ?? 0}
          onProblem={(problem) => {
            if (!onProblem(problem)) setProblems([{ field: null, message: problem.message }]);
          }}
        />
      </div>
      <Recorded invitation={invitation} />
    </div>
  );
}

function NotReceived(props: {
  visit: Visit;
  now: number;
  firstNextAt: number;
  onProblem: (problem: Problem) => void;
}): ReactElement {
  const { visit, now, firstNextAt, onProblem } = props;
  const [nextAt, setNextAt] = useState(firstNextAt);
  const [announced, setAnnounced] = useState("");
  const waitSeconds = Math.max(0, Math.ceil((nextAt - now) / 1000));

  async function again(): Promise<void> {
    setAnnounced("");
    try {
      setNextAt((await requestCode(visit.link.grant)).nextAt);
      setAnnounced(words.againSent);
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.details.retryAfterSeconds !== undefined)
        setNextAt(clockNow() + problem.details.retryAfterSeconds * 1000);
      onProblem(problem);
    }
  }

  return (
    <details className="small">
      <summary>{words.notReceivedTitle}</summary>
      <div className="stack-tight">
        <p className="soft">{words.notReceived}</p>
        {waitSeconds > 0 ? (
          <p className="soft">{words.againIn(waitSeconds)}</p>
        ) : (
          <button type="button" className="button quiet small" onClick={() => void again()}>
            {words.again}
          </button>
        )}
        <p role="status">{announced}</p>
      </div>
    </details>
  );
}
