/** One transfer: whom it is for, how it stands, and what can be done about it. */
import { LIMITS } from "@safeconduct/contract";
import { type ReactElement, type ReactNode, useState } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { dates, purposeWords, size } from "../elements/words.ts";
import type { Act, Rights } from "./acts.ts";
import { type Grant, grantEnded, type Transfer, type TransferState } from "./custody.ts";
import { GrantItem } from "./grant-item.tsx";
import { texts as words } from "./texts.ts";
import { headingOf, isWithdrawn } from "./transfer-words.ts";
import { troublesOf } from "./troubles.ts";

const TAG_TONES: Record<TransferState, string> = {
  draft: "warn",
  active: "good",
  expired: "plain",
  revoked: "bad",
  destroyed: "plain",
  abandoned: "plain",
};
/** More recipients than these are folded away, but for those whom something keeps out. */
const SHOWN_GRANTS = 3;

export interface TransferCardProps {
  readonly transfer: Transfer;
  readonly now: number;
  readonly rights: Rights;
  readonly recovery: ReactNode;
  /** Asks first where the act cannot be undone. */
  readonly onAct: (act: Act) => void;
}

export function TransferCard(props: TransferCardProps): ReactElement {
  const { transfer } = props;
  const heading = headingOf(transfer);
  return (
    <article className="card stack" aria-label={heading}>
      <div className="transfer-head">
        <div>
          <div className="title-line">
            <h2>
              <Breakable text={heading} />
            </h2>
            {isWithdrawn(transfer) && <span className="tag bad">{words.transferState.revoked}</span>}
            <span className={`tag ${TAG_TONES[transfer.state]}`}>{words.transferState[transfer.state]}</span>
            {transfer.holds.length > 0 && <span className="tag warn">{words.held}</span>}
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
        <TransferActs {...props} heading={heading} />
      </div>
      {transfer.state === "draft" && <Draft {...props} />}
      <Holds {...props} />
      {props.recovery}
      <Ending transfer={transfer} />
      <Recipients {...props} />
    </article>
  );
}

function TransferActs({ transfer, rights, heading, onAct }: TransferCardProps & { heading: string }): ReactElement {
  const active = transfer.state === "active";
  return (
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
      {active && rights.canAdd && (
        <button
          type="button"
          className="button quiet small"
          aria-label={words.addLabel(heading)}
          onClick={() => onAct({ act: "add", transfer })}
        >
          {words.add}
        </button>
      )}
      {rights.canHold && transfer.destroyedAt === null && transfer.state !== "draft" && (
        <button
          type="button"
          className="button quiet small"
          aria-label={words.holdLabel(heading)}
          onClick={() => onAct({ act: "hold", transfer })}
        >
          {words.hold}
        </button>
      )}
      {active && rights.canClose && transfer.grants.length > 1 && (
        <button
          type="button"
          className="button quiet small bad"
          aria-label={words.revokeAllLabel(heading)}
          onClick={() => onAct({ act: "revoke-all", transfer })}
        >
          {words.revokeAll}
        </button>
      )}
    </div>
  );
}

function Draft({ transfer, now, rights, onAct }: TransferCardProps): ReactElement {
  const progress = words.uploading(transfer.heldParts, transfer.partCount);
  const until = transfer.createdAt + LIMITS.draftLifeMs;
  return (
    <div className="stack-tight">
      <progress max={transfer.partCount} value={transfer.heldParts} aria-label={progress} />
      <p className="soft small">{progress}</p>
      <p>{words.draftIntro(dates.relative(transfer.createdAt, now), dates.short(until), dates.relative(until, now))}</p>
      {rights.isOwn && (
        <div className="row">
          <a className="button quiet small" href="/send">
            {words.goOn}
          </a>
          <button type="button" className="button quiet small bad" onClick={() => onAct({ act: "abandon", transfer })}>
            {words.abandon}
          </button>
        </div>
      )}
      {!rights.isOwn && <p className="soft small">{words.draftOfOther(transfer.sender.name)}</p>}
    </div>
  );
}

function Holds({ transfer, rights, onAct }: TransferCardProps): ReactElement | null {
  if (transfer.holds.length === 0) return null;
  return (
    <div className="notice warn stack-tight">
      <p>{words.heldIntro}</p>
      <ul className="holds">
        {transfer.holds.map((hold) => (
          <li key={hold.id}>
            <span>{words.holdSince(words.holdReasons[hold.reason], dates.short(hold.placedAt))}</span>
            {rights.canHold && (
              <button
                type="button"
                className="button quiet small"
                aria-label={words.liftLabel(words.holdReasons[hold.reason])}
                onClick={() => onAct({ act: "lift", transfer, reason: hold.reason })}
              >
                {words.lift}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What has become of the files when nobody can reach them any more. */
function Ending({ transfer }: { transfer: Transfer }): ReactElement | null {
  if (transfer.state === "draft" || transfer.state === "active") return null;
  if (transfer.sealedAt === null)
    return <p className="soft small">{words.neverSent(dates.short(transfer.endedAt ?? transfer.createdAt))}</p>;
  if (transfer.destroyedAt !== null)
    return <p className="soft small">{words.destroyedAt(dates.short(transfer.destroyedAt))}</p>;
  return <p className="soft small">{transfer.holds.length > 0 ? words.keptByHold : words.destroyedSoon}</p>;
}

function Recipients({ transfer, now, rights, onAct }: TransferCardProps): ReactElement | null {
  const [isOpen, setOpen] = useState(false);
  if (transfer.sealedAt === null || transfer.grants.length === 0) return null;
  const items = (grants: readonly Grant[]): ReactElement => (
    <ul className="grants">
      {grants.map((grant) => (
        <GrantItem key={grant.id} transfer={transfer} grant={grant} now={now} rights={rights} onAct={onAct} />
      ))}
    </ul>
  );
  const folded = (grants: readonly Grant[], summary: string): ReactElement => (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && items(grants)}
    </details>
  );
  if (transfer.state !== "active") return folded(transfer.grants, words.showEnded(transfer.grants.length));
  if (transfer.grants.length <= SHOWN_GRANTS) return items(transfer.grants);
  const troubled = transfer.grants.filter((grant) => troublesOf(grant, now).length > 0);
  const others = transfer.grants.filter((grant) => !troubled.includes(grant));
  return (
    <>
      <p>{words.tally(tallyOf(transfer.grants, now))}</p>
      {troubled.length > 0 && items(troubled)}
      {others.length > 0 &&
        folded(others, troubled.length > 0 ? words.showOthers(others.length) : words.showAll(others.length))}
    </>
  );
}

function tallyOf(
  grants: readonly Grant[],
  now: number,
): Record<"all" | "waiting" | "released" | "received" | "ended", number> {
  const live = grants.filter((grant) => !grantEnded(grant, now));
  return {
    all: grants.length,
    waiting: live.filter(({ firstReleasedAt }) => firstReleasedAt === null).length,
    released: grants.filter(({ firstReleasedAt }) => firstReleasedAt !== null).length,
    received: grants.filter(({ receiptAt }) => receiptAt !== null).length,
    ended: grants.length - live.length,
  };
}
