/** The certificate of custody of one transfer: to read, to print, to keep as a file, and to check in this browser. */
import { hexText } from "@safeconduct/foundation";
import { certificatePage, parseCheckpoint, parseNote, verifyCertificate } from "@safeconduct/ledger";
import { type ReactElement, useMemo, useState } from "react";
import "./audit.css";
import { Breakable } from "../elements/breakable.tsx";
import { Copyable } from "../elements/copyable.tsx";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { saveBlob } from "../elements/save.ts";
import { dates } from "../elements/words.ts";
import { useInstance } from "../elements/instance.ts";
import { entriesOf } from "./certificate-entries.ts";
import { zoneName } from "./days.ts";
import { factsOf, isRefused, type NamedEntry, sentenceOf, visible } from "./entry-words.ts";
import { LogNotice } from "./log-notice.tsx";
import type { LogVerdict } from "./log-trust.ts";
import { cryptoPorts, judgeOwnLog } from "./own-log.ts";
import { texts } from "./texts.ts";
import { type TransferRecord, transferInAddress, useTransferRecord } from "./transfer-record.ts";

const words = texts.certificatePage;

export function CertificatePage({ first }: { first: boolean }): ReactElement {
  const id = transferInAddress(location.search);
  const { record, problem } = useTransferRecord(id);
  return (
    <div className="stack certificate">
      <PageHeading heading={words.title} first={first} />
      <p className="soft">{words.intro}</p>
      {id === null && <p>{texts.historyPage.missing}</p>}
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      {id !== null && record === null && problem === null && <p role="status">{texts.finding}</p>}
      {record !== null && <Certificate record={record} />}
    </div>
  );
}

function Certificate({ record }: { record: TransferRecord }): ReactElement {
  const { certificate, text } = record;
  const instance = useInstance();
  const fileName = `certificate-${certificate.transfer}`;
  return (
    <>
      <CheckButton record={record} />
      <div className="row on-screen">
        <button type="button" className="button quiet small" onClick={() => print()}>
          {words.print}
        </button>
        <button
          type="button"
          className="button quiet small"
          onClick={() => saveBlob(new Blob([`${text}\n`], { type: "application/json" }), `${fileName}.json`)}
        >
          {words.json}
        </button>
        <button
          type="button"
          className="button quiet small"
          onClick={() => saveBlob(new Blob([certificatePage(certificate)], { type: "text/html" }), `${fileName}.html`)}
        >
          {words.html}
        </button>
        <a href={`/history?transfer=${encodeURIComponent(certificate.transfer)}`}>{texts.history}</a>
      </div>
      <section className="card stack-tight">
        <dl className="facts">
          <Fact name={words.transfer} mono>
            {certificate.transfer}
          </Fact>
          <Fact name={words.organisation}>
            {instance?.organisation?.id === certificate.organisation ? instance.organisation.name : ""}{" "}
            <span className="mono small">{certificate.organisation}</span>
          </Fact>
          <Fact name={words.issued}>
            {dates.short(certificate.issuedAt)} <span className="soft small">({words.issuedNote})</span>
          </Fact>
        </dl>
      </section>
      <EventTable record={record} />
      <section className="card stack-tight">
        <h2>{words.provenHeading}</h2>
        <p>{words.proven}</p>
        <p>{words.notProven}</p>
        <SignedState checkpoint={certificate.checkpoint} />
        <p>{words.offline}</p>
        <Copyable
          text={`safeconduct certificate verify ${fileName}.json --key LOG-KEY-FILE`}
          label={words.copyCommand}
        />
      </section>
    </>
  );
}

function EventTable({ record }: { record: TransferRecord }): ReactElement {
  const { certificate, transfer } = record;
  const entries = useMemo(() => entriesOf(certificate, transfer), [certificate, transfer]);
  return (
    <section className="card stack-tight" aria-labelledby="what-heading">
      <h2 id="what-heading">{words.what}</h2>
      <p className="soft small">{words.zone(zoneName())}</p>
      <table className="certificate-table">
        <thead>
          <tr>
            <th scope="col">{words.number}</th>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.event}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.index}>
              <td data-label={words.number}>{entry.index}</td>
              <td data-label={words.time}>
                <time dateTime={new Date(entry.at).toISOString()}>{dates.short(entry.at)}</time>
              </td>
              <td data-label={words.event}>
                <p>
                  <Breakable text={sentenceOf(entry)} />{" "}
                  {isRefused(entry) && <span className="tag bad">{texts.refusedTag}</span>}
                  {entry.event === null && <span className="tag plain">{texts.erased}</span>}
                </p>
                <FactsLine facts={[...refusalOf(entry), ...factsOf(entry)]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Each fact stays with its name where a line breaks, if it fits. */
function FactsLine({ facts }: { facts: ReturnType<typeof factsOf> }): ReactElement | null {
  if (facts.length === 0) return null;
  return (
    <ul className="facts-line soft small">
      {facts.map(([name, value]) => (
        <li key={name}>
          {name}: {value}
        </li>
      ))}
    </ul>
  );
}

/** With which code: a certificate is quoted in letters to support and in court. */
const refusalOf = (entry: NamedEntry): ReturnType<typeof factsOf> =>
  isRefused(entry) ? [[texts.fields.outcome, visible(entry.outcome ?? "")]] : [];

function SignedState({ checkpoint: text }: { checkpoint: string }): ReactElement | null {
  const note = parseNote(text);
  const checkpoint = note && parseCheckpoint(note.text);
  if (note === null || checkpoint === null) return null;
  return (
    <dl className="facts small">
      <Fact name={words.log} mono>
        {checkpoint.origin}
      </Fact>
      <Fact name={words.signedState}>{texts.health.signedSize(checkpoint.size)}</Fact>
      <Fact name={words.root} mono>
        {hexText(checkpoint.root)}
      </Fact>
      <Fact name={words.signedBy} mono>
        {note.signatures.map(({ name }) => visible(name)).join(", ")}
      </Fact>
    </dl>
  );
}

function Fact({
  name,
  mono = false,
  children,
}: {
  name: string;
  mono?: boolean;
  children: React.ReactNode;
}): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={mono ? "mono" : undefined}>{children}</dd>
    </div>
  );
}

type Checked = { readonly log: LogVerdict; readonly verdict: Awaited<ReturnType<typeof verifyCertificate>> | null };

/** Against the key that this browser remembers, not against one that comes with the certificate. */
function CheckButton({ record: { certificate } }: { record: TransferRecord }): ReactElement {
  const verifierKey = useInstance()?.ledger.verifierKey ?? null;
  const [busy, setBusy] = useState(false);
  const [checked, setChecked] = useState<Checked | null>(null);

  async function check(): Promise<void> {
    if (busy || verifierKey === null) return;
    setBusy(true);
    setChecked(null);
    try {
      const log = await judgeOwnLog(verifierKey);
      const ports = await cryptoPorts();
      const verdict = log.believed ? await verifyCertificate(ports, certificate, { logKey: log.logKey }) : null;
      setChecked({ log, verdict });
    } finally {
      setBusy(false);
    }
  }

  const verdict = checked?.verdict ?? null;
  return (
    <div className="stack-tight on-screen">
      <button type="button" className="button" aria-disabled={busy} onClick={() => void check()}>
        {busy ? words.checking : words.check}
      </button>
      <div role="status">
        {verdict?.ok === true && (
          <Notice tone="good">
            <p>
              <b>
                <span aria-hidden="true">✓ </span>
                {words.holds(verdict.entries.length, verdict.checkpoint.size)}
              </b>
            </p>
            {!verdict.transferProven && <p>{words.holdsErased}</p>}
          </Notice>
        )}
      </div>
      {verdict?.ok === false && (
        <Notice tone="bad">
          <p>
            <b>
              <span aria-hidden="true">✗ </span>
              {words.fails}
            </b>
          </p>
          {verdict.entry !== null && <p>{words.failsAt(certificate.entries[verdict.entry]?.index ?? 0)}</p>}
          <p>{texts.refusalNext}</p>
        </Notice>
      )}
      <LogNotice log={checked?.log ?? null} onJudge={() => void check()} />
    </div>
  );
}
