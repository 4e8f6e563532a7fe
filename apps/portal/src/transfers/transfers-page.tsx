/** Transfers within one's reach, newest first: found, watched and acted on. */
import "./transfers.css";
import type { Problem } from "@safeconduct/foundation";
import { lazy, type ReactElement, Suspense, useEffect, useRef, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { dates } from "../elements/words.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts as portal } from "../portal/texts.ts";
import { ActDialog, isAsked } from "./act-dialogs.tsx";
import { type Act, rightsOf, seesColleagues, settle, turn, type Who } from "./acts.ts";
import { attentionChanged, useAttention } from "./attention.ts";
import { changesBetween } from "./changes.ts";
import type { Grant, Transfer } from "./custody.ts";
import { EVERYTHING, type Filter, isEverything, keepFilter, keptFilter } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { grantHeadingId } from "./grant-item.tsx";
import { RecoveryNotice, useRecoveries } from "./recoveries.tsx";
import { texts as words } from "./texts.ts";
import { TransferCard } from "./transfer-card.tsx";
import { type TransferList, useTransferList } from "./transfer-list.ts";

const LinkDialog = lazy(async () => ({ default: (await import("./link-dialog.tsx")).LinkDialog }));

const NOW_EVERY_MS = 20_000;
/** Of what changed at once, so many are read out. */
const ANNOUNCED_CHANGES = 3;

export function TransfersPage({ first }: { first: boolean }): ReactElement | null {
  const keeper = useSession();
  const { session } = keeper;
  if (session.state !== "in") return null;
  return <Transfers first={first} who={session.who} onProblem={(problem) => leaveIfSignedOut(keeper, problem)} />;
}

function Transfers({
  first,
  who,
  onProblem,
}: {
  first: boolean;
  who: Who;
  onProblem: (problem: Problem) => boolean;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [filter, setFilter] = useState<Filter>(() => keptFilter(who.member.id));
  const [act, setAct] = useState<Act | null>(null);
  const [announced, setAnnounced] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const list = useTransferList(filter, onProblem);
  const recoveries = useRecoveries(who, onProblem);
  const attention = useAttention(onProblem);
  useAnnouncedChanges(list.transfers, setAnnounced);

  function ask(wanted: Filter): void {
    keepFilter(who.member.id, wanted);
    setFilter(wanted);
    setProblem(null);
  }

  /** For what a person pressed: its problem is shown above the list. */
  async function attempt(action: () => Promise<void>): Promise<void> {
    setProblem(null);
    try {
      await action();
    } catch (thrown) {
      const found = problemOf(thrown);
      if (!onProblem(found)) setProblem(found);
    }
  }

  function done(changed: Transfer, said: string): void {
    list.replace(changed);
    attentionChanged();
    setAnnounced(said);
  }

  function begin(wanted: Act): void {
    switch (wanted.act) {
      case "suspend":
      case "resume": {
        const { act: to, transfer, grant } = wanted;
        return void attempt(async () => done(await turn(to, transfer, grant), words[`${to}Announced`](grant.address)));
      }
      case "settle":
        return void attempt(() => settled(wanted.transfer, wanted.grant));
      default:
        return setAct(wanted);
    }
  }

  async function settled(transfer: Transfer, grant: Grant): Promise<void> {
    try {
      done(await settle(transfer, grant), words.problem.settledAnnounced(grant.address));
      // The button goes with what it marked.
      document.getElementById(grantHeadingId(grant))?.focus();
    } catch (thrown) {
      // What was reported since is to be looked at, not marked.
      list.newest.readNow();
      throw thrown;
    }
  }

  const { transfers, newest } = list;
  const notice = problem ?? newest.problem;
  const nothingSent = transfers?.length === 0 && list.next === null && isEverything(filter);
  return (
    <div className="stack">
      <div className="page-head">
        <div className="stack-tight">
          <PageHeading heading={words.title} first={first} />
          <p className="soft">{seesColleagues(who) ? words.intro : words.introOwn}</p>
        </div>
        <p className="soft small">{newest.paused ? words.paused : words.fresh}</p>
      </div>
      <p className="visually-hidden" role="status">
        {announced}
      </p>
      {!nothingSent && (
        <FilterBar filter={filter} onChange={ask} hasSenders={seesColleagues(who)} attention={attention} />
      )}
      {notice !== null && (
        <Notice tone="bad">
          <p>{notice.message}</p>
          {problem === null && newest.value !== null && <p className="soft">{words.stale}</p>}
          {problem === null && (
            <button type="button" className="button quiet small" onClick={newest.readNow}>
              {shared.tryAgain}
            </button>
          )}
        </Notice>
      )}
      {transfers === null && notice === null && (
        <p role="status">{isEverything(filter) ? portal.loading : words.searching}</p>
      )}
      {nothingSent && <NothingSent canSend={who.member.roles.includes("sender")} />}
      {transfers !== null && !nothingSent && <Found list={list} filter={filter} onClear={() => ask(EVERYTHING)} />}
      {transfers?.map((transfer) => (
        <TransferCard
          key={transfer.id}
          transfer={transfer}
          now={now}
          rights={rightsOf(who, transfer)}
          recovery={<RecoveryNotice of={transfer} recoveries={recoveries} />}
          onAct={begin}
        />
      ))}
      {list.next !== null && transfers !== null && (
        <button type="button" className="button quiet" onClick={() => void attempt(list.showOlder)}>
          {isEverything(filter) ? words.older : words.searchOn}
        </button>
      )}
      {act !== null && isAsked(act) && <ActDialog asked={act} onDone={done} onClose={() => setAct(null)} />}
      {act !== null && (act.act === "add" || act.act === "relink") && (
        <Suspense fallback={<p role="status">{portal.loading}</p>}>
          <LinkDialog
            transfer={act.transfer}
            replaces={act.act === "relink" ? act.grant : null}
            onAdded={newest.readNow}
            onClose={() => setAct(null)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** How many there are, or that nothing matches and what to do then. */
function Found({ list, filter, onClear }: { list: TransferList; filter: Filter; onClear: () => void }): ReactElement {
  const found = list.transfers?.length ?? 0;
  const clear = !isEverything(filter) && (
    <button type="button" className="text-button" onClick={onClear}>
      {words.filter.clear}
    </button>
  );
  const back = list.lookedBackTo === null ? null : words.lookedBackTo(dates.short(list.lookedBackTo));
  if (found === 0)
    return (
      <section className="card stack-tight">
        <h2>{list.next === null ? words.nothingTitle : words.nothingYetTitle}</h2>
        <p role="status">{list.next === null ? words.nothingBody : back}</p>
        {clear}
      </section>
    );
  return (
    <div className="found">
      <p className="soft small" role="status">
        {list.next === null ? words.foundAll(found) : words.foundSome(found)}
        {list.next !== null && !isEverything(filter) && back !== null && ` ${back}`}
      </p>
      {clear}
    </div>
  );
}

/** Says what the server's record got new, for those who do not see the custody line move. */
function useAnnouncedChanges(transfers: readonly Transfer[] | null, announce: (text: string) => void): void {
  const before = useRef<readonly Transfer[] | null>(null);
  useEffect(() => {
    const changes = before.current === null || transfers === null ? [] : changesBetween(before.current, transfers);
    if (transfers !== null) before.current = transfers;
    if (changes.length === 0) return;
    const said = changes
      .slice(0, ANNOUNCED_CHANGES)
      .map(({ grant, step }) => words.changed[step](grant.name ?? grant.address));
    const left = changes.length - said.length;
    announce([...said, ...(left > 0 ? [words.moreChanged(left)] : [])].join(" "));
  });
}

function NothingSent({ canSend }: { canSend: boolean }): ReactElement {
  return (
    <section className="card stack">
      <h2>{words.emptyTitle}</h2>
      <p>{canSend ? words.emptyWeb : words.emptyOther}</p>
      {canSend && (
        <p>
          <a className="button" href="/send">
            {words.sendFiles}
          </a>
        </p>
      )}
    </section>
  );
}
