/** One transfer: whom it is for, how it stands, and what can be done about it. */
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { type Grant, grantEnded, type Transfer, type TransferState } from "./custody.ts";
import { CustodyLine } from "./custody-line.tsx";
import { texts as words } from "./texts.ts";
import { dates, purposeWords, size } from "../elements/words.ts";

const TAG_TONES: Record<TransferState, string> = {
  draft: "warn",
  active: "good",
  expired: "plain",
  revoked: "bad",
  destroyed: "plain",
  abandoned: "plain",
};

export interface TransferCardProps {
  readonly transfer: Transfer;
  readonly now: number;
  /** Null stands for everyone. */
  readonly onRevoke: (grant: Grant | null) => void;
}

export function TransferCard({ transfer, now, onRevoke }: TransferCardProps): ReactElement {
  const heading = headingOf(transfer);
  const active = transfer.state === "active";
  const grants = (
    <ul className="grants">
      {transfer.grants.map((grant) => (
        <GrantItem key={grant.id} transfer={transfer} grant={grant} now={now} onRevoke={onRevoke} />
      ))}
    </ul>
  );
  return (
    <article className="card stack" aria-label={heading}>
      <div className="transfer-head">
        <div>
          <div className="title-line">
            <h2>
              <Breakable text={heading} />
            </h2>
            {withdrawn(transfer) && <span className="tag bad">{words.transferState.revoked}</span>}
            <span className={`tag ${TAG_TONES[transfer.state]}`}>{words.transferState[transfer.state]}</span>
          </div>
          <p className="soft small">
            {words.facts(
              purposeWords[transfer.purpose],
              size(transfer.blobLengthBytes),
              transfer.sender.name,
              dates.short(transfer.sealedAt ?? transfer.createdAt),
            )}
          </p>
        </div>
        <div className="row">
          <a
            className="button quiet small"
            href={`/history?transfer=${transfer.id}`}
            aria-label={words.historyLabel(heading)}
          >
            {words.history}
          </a>
          {transfer.sealedAt !== null && (
            <a
              className="button quiet small"
              href={`/certificate?transfer=${transfer.id}`}
              aria-label={words.certificateLabel(heading)}
            >
              {words.certificate}
            </a>
          )}
          {active && transfer.grants.length > 1 && (
            <button
              type="button"
              className="button quiet small bad"
              aria-label={words.revokeAllLabel(heading)}
              onClick={() => onRevoke(null)}
            >
              {words.revokeAll}
            </button>
          )}
        </div>
      </div>
      {transfer.state === "draft" && (
        <div className="stack-tight">
          <progress
            max={transfer.partCount}
            value={transfer.heldParts}
            aria-label={words.uploading(transfer.heldParts, transfer.partCount)}
          />
          <p className="soft small">{words.uploading(transfer.heldParts, transfer.partCount)}</p>
        </div>
      )}
      {active && grants}
      {!active && transfer.sealedAt !== null && (
        <details>
          <summary>{words.showEnded(transfer.grants.length)}</summary>
          {grants}
        </details>
      )}
    </article>
  );
}

function GrantItem({
  transfer,
  grant,
  now,
  onRevoke,
}: {
  transfer: Transfer;
  grant: Grant;
  now: number;
  onRevoke: (grant: Grant) => void;
}): ReactElement {
  // The only recipient is named by the heading above already.
  const alone = transfer.grants.length === 1;
  return (
    <li className="stack">
      <div className="transfer-head">
        <div>
          <h3>{alone ? words.grantState[grant.state] : <Breakable text={nameOf(grant)} />}</h3>
          <p className="soft small">
            {!alone && `${words.grantState[grant.state]} · `}
            {accessWords(grant, now)}
          </p>
        </div>
        {transfer.state === "active" && !grantEnded(grant, now) && (
          <button
            type="button"
            className="button quiet small bad"
            aria-label={words.revokeLabel(grant.address)}
            onClick={() => onRevoke(grant)}
          >
            {words.revoke}
          </button>
        )}
      </div>
      {grant.locked && !grantEnded(grant, now) && <p className="notice">{words.locked}</p>}
      {grant.codeUndeliveredAt !== null && !grantEnded(grant, now) && (
        <p className="notice">{words.codeUndelivered(dates.short(grant.codeUndeliveredAt))}</p>
      )}
      <CustodyLine transfer={transfer} grant={grant} now={now} />
    </li>
  );
}

const nameOf = ({ name, organisation, address }: Grant): string =>
  [name, organisation, address].filter((part) => part !== null).join(" · ");

function accessWords(grant: Grant, now: number): string {
  if (grantEnded(grant, now))
    return words.endedAt(dates.short(Math.min(grant.endedAt ?? grant.notAfter, grant.notAfter)));
  if (now < grant.notBefore) return words.from(dates.short(grant.notBefore), dates.relative(grant.notBefore, now));
  return words.until(dates.short(grant.notAfter), dates.relative(grant.notAfter, now));
}

function headingOf(transfer: Transfer): string {
  const [first] = transfer.grants;
  if (first === undefined) return words.headingDraft;
  return words.heading(nameOf(first), transfer.grants.length - 1);
}

/** Destroyed because every recipient was revoked: the reader looks for that word. */
const withdrawn = (transfer: Transfer): boolean =>
  transfer.state === "destroyed" &&
  transfer.grants.length > 0 &&
  transfer.grants.every(({ state }) => state === "revoked");
