/** The page before the files leave: who, what, why, until when, what they may do, under which rule. */
import { Fragment, type ReactElement, useEffect, useState } from "react";
import type { Problem } from "@safeconduct/foundation";
import type { DeviceKeeper, ReadyDevice } from "../device/device-keeper.ts";
import { useNow } from "../elements/clock.ts";
import { Breakable } from "../elements/breakable.tsx";
import { LANGUAGE_NAMES } from "../elements/language.ts";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { dates, purposeWords, size } from "../elements/words.ts";
import { now as clockNow } from "../platform.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { areDaysWrong, askedTerms } from "../terms/asked.ts";
import { texts as terms } from "../terms/texts.ts";
import { beginSending } from "./begin-sending.ts";
import { totalBytes } from "./chosen-files.ts";
import { decide } from "./decision.ts";
import { useDraft } from "./draft-slot.ts";
import { readCap, type SendDraft } from "./draft.ts";
import { readTimes } from "./expiry.ts";
import { fileRows } from "./file-rows.ts";
import { unseenFiles } from "./unseen-files.ts";
import { UnseenNames } from "./unseen-names.tsx";
import { rowFacts, rowName, uploadRow } from "./row-words.ts";
import { texts } from "./texts.ts";
import { prepareUpload } from "./upload.ts";

const words = texts.review;
const NOW_EVERY_MS = 20_000;
const SHOWN_ROWS = 30;

export function ReviewStep({
  ready,
  keeper,
  onBack,
}: {
  ready: ReadyDevice;
  keeper: DeviceKeeper;
  onBack: () => void;
}): ReactElement {
  const { draft } = useDraft();
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(prepareUpload, []);

  async function send(): Promise<void> {
    if (busy) return;
    // Time has gone by since the form: an end may be too near by now.
    const now = clockNow();
    if (!decide(draft, now).allowed) return onBack();
    setBusy(true);
    setProblem(null);
    try {
      await beginSending(ready, { draft, now, keep: (device) => keeper.keep(device) });
    } catch (thrown) {
      const found = problemOf(thrown);
      if (!leaveIfSignedOut(session, found)) setProblem(found);
      setBusy(false);
    }
  }

  return (
    <>
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      <Summary draft={draft} />
      <p>{words.keepOpen}</p>
      <div className="row">
        <button type="button" className="button" aria-disabled={busy} onClick={() => void send()}>
          {busy ? words.sending : words.send}
        </button>
        <button type="button" className="button quiet" onClick={onBack}>
          {words.back}
        </button>
      </div>
    </>
  );
}

function Summary({ draft }: { draft: SendDraft }): ReactElement {
  const { recipients, purpose, handling, files, profile, asked } = draft;
  const { conditions, closesOnReceipt } = areDaysWrong(asked) ? {} : askedTerms(asked);
  const rows = fileRows(files);
  const unseen = profile === "viewable" ? unseenFiles(files) : [];
  const cap = readCap(draft.cap) ?? 0;
  const isPublic = handling === "public";
  return (
    <dl className="card review">
      <div>
        <dt>{words.who}</dt>
        <dd>
          <ul className="plain-list">
            {recipients.map(({ key, address, name, organisation, language, factor }) => (
              <li key={key}>
                <p>
                  <b>
                    <Breakable text={address.trim()} />
                  </b>
                  {[name, organisation]
                    .filter((word) => word.trim() !== "")
                    .map((word) => (
                      <Fragment key={word}>
                        {"\u00a0· "}
                        <bdi>{word.trim()}</bdi>
                      </Fragment>
                    ))}
                </p>
                <p className="soft small">
                  {factor === null ? texts.people.noFactor : texts.people.factors[factor]} ·{" "}
                  {words.mails(LANGUAGE_NAMES[language])}
                </p>
              </li>
            ))}
          </ul>
        </dd>
      </div>
      <div>
        <dt>{words.what}</dt>
        <dd className="stack-tight">
          <ul className="plain-list">
            {rows.slice(0, SHOWN_ROWS).map((row) => (
              <li key={row.key}>
                <span className="file-name">
                  <bdi>{rowName(uploadRow(row))}</bdi>
                </span>{" "}
                <span className="soft small">{rowFacts(row)}</span>
              </li>
            ))}
          </ul>
          {rows.length > SHOWN_ROWS && <p className="soft">{texts.files.more(restOf(rows))}</p>}
          <p>{texts.files.total(files.length, size(totalBytes(files)))}</p>
        </dd>
      </div>
      <div>
        <dt>{words.why}</dt>
        <dd>{purpose !== null && words.whyFor(purposeWords[purpose], isPublic)}</dd>
      </div>
      <div>
        <dt>{words.when}</dt>
        <dd>
          <When draft={draft} />
        </dd>
      </div>
      <div>
        <dt>{words.may}</dt>
        <dd className="stack-tight">
          <p>
            {profile === "viewable" ? terms.viewOnly : terms.download} {cap > 0 && words.cap(cap)}
          </p>
          {unseen.length > 0 && (
            <>
              <p>
                <b>{texts.decision.look}</b> {texts.decision.viewingSome(unseen.length)}. {texts.decision.viewingLost}
              </p>
              <UnseenNames files={unseen} />
            </>
          )}
          {conditions && <p>{terms.accept(conditions)}</p>}
          {closesOnReceipt && <p>{terms.closing}</p>}
        </dd>
      </div>
      <div>
        <dt>{words.rule}</dt>
        <dd>{isPublic ? words.rulePublic : words.ruleRegulated}</dd>
      </div>
    </dl>
  );
}

const restOf = (rows: readonly { files: readonly unknown[] }[]): number =>
  rows.slice(SHOWN_ROWS).reduce((sum, { files }) => sum + files.length, 0);

function When({ draft }: { draft: SendDraft }): ReactElement | null {
  const now = useNow(NOW_EVERY_MS);
  const { times, fault } = readTimes(draft, now);
  if (times === null) return <p className="wrong">{texts.options.faults[fault.kind]}</p>;
  const { end } = draft;
  return (
    <>
      {times.notBefore > 0 && <p>{words.begin(dates.long(times.notBefore))}</p>}
      <p>
        {end.kind === "preset"
          ? words.presetEnd(texts.options.hours(end.hours), dates.long(times.expectedEnd))
          : words.dateEnd(dates.long(times.expectedEnd), dates.relative(times.expectedEnd, now))}
      </p>
    </>
  );
}
