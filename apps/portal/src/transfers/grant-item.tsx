/** One recipient of a transfer: how far it came, what keeps it from them, and what can be done. */
import type { ReactElement } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { dates } from "../elements/words.ts";
import type { Act, Rights } from "./acts.ts";
import { AskedLine } from "./asked-line.tsx";
import { type Grant, grantEnded, type Transfer } from "./custody.ts";
import { CustodyLine } from "./custody-line.tsx";
import { texts as words } from "./texts.ts";
import { accessWords, nameOf } from "./transfer-words.ts";
import { type Trouble, troublesOf } from "./troubles.ts";

export interface GrantItemProps {
  readonly transfer: Transfer;
  readonly grant: Grant;
  readonly now: number;
  readonly rights: Rights;
  readonly onAct: (act: Act) => void;
}

/** Takes the focus when a button below it has gone. */
export const grantHeadingId = ({ id }: Grant): string => `recipient-${id}`;

export function GrantItem(props: GrantItemProps): ReactElement {
  const { transfer, grant, now } = props;
  // The only recipient is named by the heading above already.
  const alone = transfer.grants.length === 1;
  const troubles = troublesOf(grant, now);
  return (
    <li className="stack">
      <div className="transfer-head">
        <div>
          <div className="title-line">
            <h3 id={grantHeadingId(grant)} tabIndex={-1}>
              {alone ? words.grantState[grant.state] : <Breakable text={nameOf(grant)} />}
            </h3>
            {troubles.map((trouble) => (
              <span key={trouble} className="tag bad">
                {words.troubleTags[trouble]}
              </span>
            ))}
          </div>
          <p className="soft small">
            {!alone && `${words.grantState[grant.state]} · `}
            {accessWords(transfer, grant, now)}
            {grant.releaseCap > 0 && ` · ${words.capped(grant.releases, grant.releaseCap)}`}
          </p>
        </div>
        <GrantActs {...props} />
      </div>
      {troubles.map((trouble) =>
        trouble === "problem" ? (
          <Unsettled key={trouble} {...props} />
        ) : (
          <p key={trouble} className="notice warn">
            {troubleWords(trouble, props)}
          </p>
        ),
      )}
      {grant.problem !== null && !troubles.includes("problem") && (
        <p className="soft small">
          <Reported problem={grant.problem} />{" "}
          {grant.problem.settledAt !== null && words.problem.settled(dates.short(grant.problem.settledAt))}
        </p>
      )}
      <CustodyLine transfer={transfer} grant={grant} now={now} />
      <AskedLine grant={grant} />
    </li>
  );
}

/** What the recipient said was wrong, what helps, and the word that it is dealt with. */
function Unsettled({ transfer, grant, rights, onAct }: GrantItemProps): ReactElement | null {
  if (grant.problem === null) return null;
  return (
    <div className="notice warn stack-tight">
      <p>
        <Reported problem={grant.problem} /> {words.problem.next[grant.problem.kind]}
      </p>
      {rights.canClose && (
        <p>
          <button
            type="button"
            className="button quiet small"
            aria-label={words.problem.settleLabel(grant.address)}
            onClick={() => onAct({ act: "settle", transfer, grant })}
          >
            {words.problem.settle}
          </button>
        </p>
      )}
    </div>
  );
}

/** Once it is dealt with, or the link has ended, this is all there is to say. */
function Reported({ problem }: { problem: NonNullable<Grant["problem"]> }): ReactElement {
  return (
    <>
      <b>{words.problem.kinds[problem.kind]}</b> {words.problem.reported(dates.short(problem.reportedAt))}
    </>
  );
}

function troubleWords(trouble: Exclude<Trouble, "problem">, { grant, now, rights }: GrantItemProps): string {
  switch (trouble) {
    case "suspended":
      return (isForOfficers(grant, rights) ? words.suspendedByOfficer : words.suspended)(
        dates.short(grant.suspendedAt ?? now),
        dates.relative(grant.suspendedAt ?? now, now),
      );
    case "locked":
      return rights.canAdd ? words.lockedOwn : words.locked;
    case "code-undelivered":
      return words.codeUndelivered(dates.short(grant.codeUndeliveredAt ?? now));
  }
}

function GrantActs({ transfer, grant, now, rights, onAct }: GrantItemProps): ReactElement | null {
  if (transfer.state !== "active" || grant.address === "") return null;
  const isOpen = !grantEnded(grant, now);
  const to = grant.suspendedAt === null ? "suspend" : "resume";
  const same = transfer.grants.filter(({ address }) => address.toLowerCase() === grant.address.toLowerCase());
  // What an officer closed has no way around it; else somebody with an open link has it replaced there, and an earlier one stays ended.
  const canRelink =
    rights.canAdd &&
    !same.some(({ closedByOfficer }) => closedByOfficer) &&
    (isOpen || same.every((each) => grantEnded(each, now)));
  return (
    <div className="row">
      {canRelink && (
        <button
          type="button"
          className="button quiet small"
          aria-label={words.relinkLabel(grant.address)}
          onClick={() => onAct({ act: "relink", transfer, grant })}
        >
          {words.relink}
        </button>
      )}
      {isOpen && rights.canClose && (
        <>
          {!isForOfficers(grant, rights) && (
            <button
              type="button"
              className="button quiet small"
              aria-label={words[`${to}Label`](grant.address)}
              onClick={() => onAct({ act: to, transfer, grant })}
            >
              {words[to]}
            </button>
          )}
          <button
            type="button"
            className="button quiet small bad"
            aria-label={words.revokeLabel(grant.address)}
            onClick={() => onAct({ act: "revoke", transfer, grant })}
          >
            {words.revoke}
          </button>
        </>
      )}
    </div>
  );
}

/** What an officer closed, its sender does not open. */
const isForOfficers = ({ closedByOfficer }: Grant, { canOverrule }: Rights): boolean => closedByOfficer && !canOverrule;
