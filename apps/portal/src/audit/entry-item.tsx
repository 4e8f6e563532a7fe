/** One entry: when, what, whether it is proven, and on demand everything it says. */
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { dates } from "../elements/words.ts";
import { timeOfDay } from "./days.ts";
import type { EntryVerdict } from "./entry-proof.ts";
import { factsOf, isRefused, type NamedEntry, recipientName, sentenceOf, visible } from "./entry-words.ts";
import { texts } from "./texts.ts";

const TONES: Readonly<Record<EntryVerdict | "waiting", string>> = {
  waiting: "",
  proven: "good",
  erased: "good",
  mismatch: "bad",
  "not-included": "bad",
  unreadable: "",
  unsettled: "",
};
const MARKS: Readonly<Record<string, string>> = { good: "✓ ", bad: "✗ " };

export function EntryItem({
  entry,
  verdict = "waiting",
  now,
  withTransfer = true,
}: {
  entry: NamedEntry;
  verdict?: EntryVerdict | "waiting" | undefined;
  now: number;
  /** False where the page is about this transfer anyway. */
  withTransfer?: boolean;
}): ReactElement {
  const tone = TONES[verdict];
  return (
    <li className="entry">
      <p className="entry-time">
        <time dateTime={new Date(entry.at).toISOString()}>{timeOfDay(entry.at)}</time>
        <span className="soft small">{dates.relative(entry.at, Math.max(now, entry.at))}</span>
      </p>
      <div className="entry-what">
        <p>
          <Breakable text={sentenceOf(entry)} />{" "}
          {isRefused(entry) && <span className="tag bad">{texts.refusedTag}</span>}
          {entry.event === null && <span className="tag plain">{texts.erased}</span>}
        </p>
        <details>
          <summary aria-label={texts.details(entry.index)}>{texts.entry(entry.index)}</summary>
          <EntryDetails entry={entry} withTransfer={withTransfer} />
          <p className="small">{texts.proofMeaning[verdict]}</p>
        </details>
      </div>
      <p className={`proof ${tone}`}>
        <span aria-hidden="true">{MARKS[tone] ?? ""}</span>
        {texts.proof[verdict]}
      </p>
    </li>
  );
}

function EntryDetails({ entry, withTransfer }: { entry: NamedEntry; withTransfer: boolean }): ReactElement {
  const { at, type, outcome, transfer, grant, recipient } = entry;
  const rows: readonly (readonly [string, string | null])[] = [
    [texts.fields.time, `${dates.long(at)} · ${new Date(at).toISOString()}`],
    [texts.fields.type, visible(type)],
    [texts.fields.outcome, outcome === null ? null : outcome === "done" ? texts.done : visible(outcome)],
    [texts.fields.recipient, recipient === null ? null : recipientName(entry)],
    [texts.fields.transfer, transfer],
    [texts.fields.link, grant],
    ...factsOf(entry),
  ];
  return (
    <>
      <dl className="facts small">
        {rows.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {withTransfer && transfer !== null && (
        <p className="row small">
          <a href={`/history?transfer=${encodeURIComponent(transfer)}`}>{texts.history}</a>
          <a href={`/certificate?transfer=${encodeURIComponent(transfer)}`}>{texts.certificate}</a>
        </p>
      )}
    </>
  );
}
