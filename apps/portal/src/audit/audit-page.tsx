/** The audit log: questions, what they find, whether this browser can prove it, and how the log stands. */
import { type ReactElement, useEffect, useRef } from "react";
import "./audit.css";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { openPage } from "../portal/routing.ts";
import { addressOf, type Asked, askedIn } from "./asked.ts";
import { EntryDays, ProofSummary } from "./entry-list.tsx";
import { ExportButtons } from "./export-buttons.tsx";
import { type Findings, useFindings } from "./findings.ts";
import { LedgerCard } from "./ledger-card.tsx";
import { LogNotice } from "./log-notice.tsx";
import type { LogVerdict } from "./log-trust.ts";
import { OpenLinks } from "./open-links.tsx";
import { useOwnLog } from "./own-log.ts";
import { useProofs } from "./proofs.ts";
import { QuestionForms } from "./question-forms.tsx";
import { texts } from "./texts.ts";

const NOW_EVERY_MS = 20_000;

export function AuditPage({ first }: { first: boolean }): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const { verdict: log, judge } = useOwnLog();
  const { asked, isPersonLost } = askedIn(location.search, history.state);
  const searched = asked === null || isPersonLost || asked.question === "open-links" ? null : asked;
  const isPressed = useRef(false);

  /** Once for each press. */
  function takesFocus(): boolean {
    const wasPressed = isPressed.current;
    isPressed.current = false;
    return wasPressed;
  }

  function ask(question: Asked): void {
    const { path, state } = addressOf(question);
    isPressed.current = true;
    openPage(path, state);
  }

  return (
    <div className="stack">
      <PageHeading heading={texts.title} first={first} />
      <p className="soft">{texts.intro}</p>
      <LogNotice log={log} onJudge={judge} />
      {/* Made anew where something else was asked, by a press or by going back: its fields say what was asked. */}
      <QuestionForms key={JSON.stringify(asked)} asked={asked} onAsk={ask} />
      {isPersonLost && (
        <Notice tone="warn">
          <p>{texts.personNotKept}</p>
        </Notice>
      )}
      {asked?.question === "open-links" && (
        <section className="card stack" aria-labelledby="found-heading">
          <FoundHeading heading={texts.links.heading} takesFocus={takesFocus} />
          <OpenLinks now={now} />
        </section>
      )}
      {searched !== null && (
        <Results
          key={JSON.stringify(searched)}
          asked={searched}
          log={log}
          now={now}
          takesFocus={takesFocus}
          onFound={judge}
        />
      )}
      <LedgerCard log={log} now={now} />
    </div>
  );
}

/** Takes the focus when somebody pressed for it, so that a screen reader goes on where the answer begins. */
function FoundHeading({ heading, takesFocus }: { heading: string; takesFocus: () => boolean }): ReactElement {
  const element = useRef<HTMLHeadingElement | null>(null);
  useEffect(() => {
    if (takesFocus()) element.current?.focus();
    // Once, when the answer comes into the page.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return (
    <h2 id="found-heading" ref={element} tabIndex={-1}>
      {heading}
    </h2>
  );
}

const NO_ENTRIES: Findings["entries"] = [];

function Results(props: {
  asked: Asked;
  log: LogVerdict | null;
  now: number;
  takesFocus: () => boolean;
  onFound: () => void;
}): ReactElement {
  const { asked, log, now } = props;
  const { findings, busy, problem, more } = useFindings(asked, props.onFound);
  const entries = findings?.entries ?? NO_ENTRIES;
  const verdicts = useProofs(entries, log);
  return (
    <section className="card stack" aria-labelledby="found-heading">
      <FoundHeading heading={texts.results} takesFocus={props.takesFocus} />
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      <div role="status">
        {busy && <p>{texts.finding}</p>}
        {!busy && findings !== null && <Answer asked={asked} findings={findings} />}
      </div>
      <ProofSummary entries={entries} verdicts={verdicts} log={log} />
      <EntryDays entries={entries} verdicts={verdicts} now={now} />
      {findings !== null && findings.next !== null && (
        <button type="button" className="button quiet" aria-disabled={busy} onClick={more}>
          {entries.length === 0 || asked.question === "after-deadline" ? texts.goOn : texts.more}
        </button>
      )}
      {entries.length > 0 && <p className="soft small">{texts.namesToday}</p>}
      {entries.length > 0 && <ExportButtons asked={asked} />}
    </section>
  );
}

/** What the findings come to, with how many were looked at: an answer that says less would be a guess. */
function Answer({ asked, findings }: { asked: Asked; findings: Findings }): ReactElement {
  const { entries, looked, unproven, next } = findings;
  if (asked.question === "after-deadline")
    return (
      <>
        <p>
          <b>
            {entries.length === 0
              ? texts.lateNone(texts.uses(looked))
              : texts.lateSome(entries.length, texts.uses(looked))}
          </b>
        </p>
        {unproven > 0 && <p>{texts.unproven(unproven)}</p>}
        {next !== null && <p>{texts.lateMore}</p>}
      </>
    );
  if (entries.length === 0)
    return (
      <>
        <p>
          <b>{texts.nothing}</b>
        </p>
        <p className="soft">{texts.nothingHint}</p>
      </>
    );
  return <p className="soft">{texts.shown(entries.length, looked)}</p>;
}
