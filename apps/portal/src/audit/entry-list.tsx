/** Entries by day, with one word above on whether all of them are proven. */
import type { ReactElement } from "react";
import { Notice } from "../elements/notice.tsx";
import { dayHeading, dayOf } from "./days.ts";
import { EntryItem } from "./entry-item.tsx";
import type { NamedEntry } from "./entry-words.ts";
import type { LogVerdict } from "./log-trust.ts";
import type { Verdicts } from "./proofs.ts";
import { texts } from "./texts.ts";

export function EntryDays({
  entries,
  verdicts,
  now,
  withTransfer = true,
}: {
  entries: readonly NamedEntry[];
  verdicts: Verdicts;
  now: number;
  withTransfer?: boolean;
}): ReactElement {
  return (
    <>
      {byDay(entries).map(({ day, of }) => (
        <section key={day} className="entry-day">
          <h3>{dayHeading(of[0]?.at ?? 0)}</h3>
          <ol className="entries">
            {of.map((entry) => (
              <EntryItem
                key={entry.index}
                entry={entry}
                verdict={verdicts.get(entry.index)}
                now={now}
                withTransfer={withTransfer}
              />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

/** In the order in which they come. */
function byDay(entries: readonly NamedEntry[]): readonly { day: string; of: readonly NamedEntry[] }[] {
  const days = new Map<string, NamedEntry[]>();
  for (const entry of entries) {
    const day = dayOf(entry.at);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days].map(([day, of]) => ({ day, of }));
}

export function ProofSummary({
  entries,
  verdicts,
  log,
}: {
  entries: readonly NamedEntry[];
  verdicts: Verdicts;
  log: LogVerdict | null;
}): ReactElement | null {
  const found = entries.map(({ index }) => verdicts.get(index));
  const bad = found.filter((verdict) => verdict === "mismatch" || verdict === "not-included").length;
  if (bad > 0)
    return (
      <Notice tone="bad">
        <p>
          <b>
            <span aria-hidden="true">✗ </span>
            {texts.notProven(bad)}
          </b>
        </p>
        <p>{texts.refusalNext}</p>
      </Notice>
    );
  const isWhole = found.length > 0 && found.every((verdict) => verdict === "proven" || verdict === "erased");
  if (!isWhole || log?.believed !== true) return null;
  return (
    <p className="proof good" role="status">
      <span aria-hidden="true">✓ </span>
      {texts.allProven(entries.length, log.checkpoint.size)}
    </p>
  );
}
