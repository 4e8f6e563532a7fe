/** Who sent something and for what. Nothing is asked of the server but by pressing a button: mail scanners open links too. */
import { now as clockNow } from "../platform.ts";
import type { GrantId, Problem } from "@safeconduct/foundation";
import type { ReactElement } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { type Invitation, server } from "./arrival.ts";
import { texts } from "./arrival-texts.ts";
import { dates, purposeWords } from "../elements/words.ts";

const words = texts.invitation;
const NOW_EVERY_MS = 5_000;

/** When the code was sent and when another may be asked for, by this device's clock in milliseconds. */
export interface SentCode {
  readonly lifeMinutes: number;
  readonly nextAt: number;
}

export async function requestCode(grant: GrantId): Promise<SentCode> {
  const { expiresInSeconds, nextInSeconds } = await server.call("sendCode", { path: { grant } });
  return { lifeMinutes: Math.round(expiresInSeconds / 60), nextAt: clockNow() + nextInSeconds * 1000 };
}

export interface InvitationStepProps {
  readonly grant: GrantId;
  readonly invitation: Invitation;
  /** The way goes on from here: what comes after may be loaded. */
  readonly onBegun: () => void;
  readonly onCode: (sent: SentCode | null) => void;
  /** True when it dealt with the problem. */
  readonly onProblem: (problem: Problem) => boolean;
}

export function InvitationStep({ grant, invitation, onBegun, onCode, onProblem }: InvitationStepProps): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const { problems, busy, submit } = useSubmission(async () => {
    onBegun();
    try {
      onCode(await requestCode(grant));
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      return onProblem(problem) ? [] : [{ field: null, message: problem.message }];
    }
  });
  const begun = now >= invitation.notBefore;
  return (
    <div className="stack">
      <ErrorSummary problems={problems} />
      <PageHeading
        heading={words.title(invitation.organisation)}
        first={problems.length > 0}
        failed={problems.length > 0}
      />
      <Facts invitation={invitation} now={now} />
      {begun && (
        <form className="card stack" noValidate onSubmit={submit}>
          <h2>{words.confirmHeading}</h2>
          <p>
            {words.confirm} <b>{invitation.addressHint}</b>.
          </p>
          <div className="choices">
            <SubmitButton busy={busy} label={words.send} busyLabel={words.sending} />
            <button type="button" className="text-button" onClick={() => onCode(null)}>
              {words.haveCode}
            </button>
          </div>
        </form>
      )}
      <Recorded invitation={invitation} />
    </div>
  );
}

export function Facts({ invitation, now }: { invitation: Invitation; now: number }): ReactElement {
  const { sender, purpose, profile, notBefore, notAfter } = invitation;
  return (
    <div className="facts">
      <p>
        {words.from} <b>{sender}</b>, {words.for} <b>{purposeWords[purpose]}</b>.
      </p>
      {now < notBefore && (
        <p>
          {words.notBefore} <b>{dates.long(notBefore)}</b> ({dates.relative(notBefore, now)}).
        </p>
      )}
      <p>
        {words.until[profile]} <b>{dates.long(notAfter)}</b> ({dates.relative(notAfter, now)}).
      </p>
    </div>
  );
}

export function Recorded({ invitation }: { invitation: Invitation }): ReactElement {
  return (
    <details className="small">
      <summary>{words.recordedTitle}</summary>
      <p className="soft">{words.recorded(invitation.organisation)}</p>
    </details>
  );
}
