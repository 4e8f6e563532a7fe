/** One transfer from beginning to end: each recipient's custody line with the entries of that link, every one proven here. */
import { type ReactElement, useMemo } from "react";
import "./audit.css";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { dates } from "../elements/words.ts";
import { CustodyLine } from "../transfers/custody-line.tsx";
import { entriesOf } from "./certificate-entries.ts";
import { EntryDays, ProofSummary } from "./entry-list.tsx";
import { type NamedEntry, recipientName } from "./entry-words.ts";
import { LogNotice } from "./log-notice.tsx";
import type { LogVerdict } from "./log-trust.ts";
import { useOwnLog } from "./own-log.ts";
import { useProofs } from "./proofs.ts";
import { texts } from "./texts.ts";
import { type TransferRecord, transferInAddress, useTransferRecord } from "./transfer-record.ts";

const words = texts.historyPage;
const NOW_EVERY_MS = 20_000;

export function HistoryPage({ first }: { first: boolean }): ReactElement {
  const id = transferInAddress(location.search);
  const { record, problem } = useTransferRecord(id);
  const { verdict: log, judge } = useOwnLog();
  return (
    <div className="stack">
      <PageHeading heading={words.title} first={first} />
      {id === null && <p>{words.missing}</p>}
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      {id !== null && record === null && problem === null && <p role="status">{texts.finding}</p>}
      <LogNotice log={log} onJudge={judge} />
      {record !== null && <History record={record} log={log} />}
      <p>
        <a href="/">{words.back}</a>
      </p>
    </div>
  );
}

function History({ record, log }: { record: TransferRecord; log: LogVerdict | null }): ReactElement {
  const { transfer, certificate } = record;
  const now = useNow(NOW_EVERY_MS);
  const entries = useMemo(() => entriesOf(certificate, transfer), [certificate, transfer]);
  const verdicts = useProofs(entries, log);
  const known = new Set(transfer.grants.map((grant) => grant.id));
  // The draft names the sender's own grant, and is about the whole all the same.
  const isWhole = ({ grant, type }: NamedEntry) =>
    grant === null || (type.startsWith("transfer/") && !known.has(grant));
  const isOther = (entry: NamedEntry) => !isWhole(entry) && !known.has(entry.grant ?? "");
  const lane = (of: (entry: NamedEntry) => boolean) => (
    <EntryDays entries={entries.filter(of)} verdicts={verdicts} now={now} withTransfer={false} />
  );
  return (
    <>
      <p className="soft">{words.facts(transfer.sender.name, dates.short(transfer.sealedAt ?? transfer.createdAt))}</p>
      <p className="row">
        <a href={`/certificate?transfer=${encodeURIComponent(transfer.id)}`}>{texts.certificatePage.title}</a>
        <span className="mono small soft">{transfer.id}</span>
      </p>
      <ProofSummary entries={entries} verdicts={verdicts} log={log} />
      <section className="card stack" aria-labelledby="whole-heading">
        <h2 id="whole-heading">{words.whole}</h2>
        {lane(isWhole)}
      </section>
      {transfer.grants.map((grant) => (
        <section key={grant.id} className="card stack" aria-labelledby={`lane-${grant.id}`}>
          <h2 id={`lane-${grant.id}`}>{words.lane(recipientName({ recipient: grant }))}</h2>
          <CustodyLine transfer={transfer} grant={grant} now={now} />
          {lane((entry) => entry.grant === grant.id)}
        </section>
      ))}
      {entries.some(isOther) && (
        <section className="card stack" aria-labelledby="others-heading">
          <h2 id="others-heading">{words.others}</h2>
          {lane(isOther)}
        </section>
      )}
    </>
  );
}
