/** Transfers of the organisation, newest first, each with the custody line of its recipients. */
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { Copyable } from "../elements/copyable.tsx";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts as portal } from "../portal/texts.ts";
import type { Grant, Transfer } from "./custody.ts";
import { texts as words } from "./texts.ts";
import { TransferCard } from "./transfer-card.tsx";

const NOW_EVERY_MS = 20_000;

/** What is about to be revoked: one recipient, or the whole transfer. */
type Target = { readonly transfer: Transfer; readonly grant: Grant | null };

export function TransfersPage({ first }: { first: boolean }): ReactElement {
  const keeper = useSession();
  const now = useNow(NOW_EVERY_MS);
  const [older, setOlder] = useState<Older>({ transfers: [], next: null, asked: false });
  const [target, setTarget] = useState<Target | null>(null);
  const [announced, setAnnounced] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const newest = useFresh((signal) => server.call("listTransfers", { signal }), {
    onProblem: (problem) => leaveIfSignedOut(keeper, problem),
  });

  /** For what a person pressed: its problem is shown above the list. */
  async function attempt(action: () => Promise<void>): Promise<void> {
    setProblem(null);
    try {
      await action();
    } catch (thrown) {
      const found = problemOf(thrown);
      if (!leaveIfSignedOut(keeper, found)) setProblem(found);
    }
  }

  const next = older.asked ? older.next : (newest.value?.next ?? null);
  async function showOlder(after: string): Promise<void> {
    const page = await server.call("listTransfers", { query: { after } });
    setOlder((held) => ({ transfers: [...held.transfers, ...page.transfers], next: page.next, asked: true }));
  }

  async function revoke({ transfer, grant }: Target): Promise<void> {
    const changed =
      grant === null
        ? await server.call("revokeTransfer", { path: { transfer: transfer.id } })
        : await server.call("revokeGrant", { path: { transfer: transfer.id, grant: grant.id } });
    setOlder((held) => ({
      ...held,
      transfers: held.transfers.map((kept) => (kept.id === changed.id ? changed : kept)),
    }));
    newest.readNow();
    setAnnounced(words.revokedAnnounced);
  }

  const transfers = joined(newest.value?.transfers ?? [], older.transfers);
  const notice = problem ?? newest.problem;
  return (
    <div className="stack">
      <div className="page-head">
        <div>
          <PageHeading heading={words.title} first={first} />
          <p className="soft">{words.intro}</p>
        </div>
        <p className="soft small">{newest.paused ? words.paused : words.fresh}</p>
      </div>
      <p className="visually-hidden" role="status">
        {announced}
      </p>
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
      {newest.value === null && notice === null && <p role="status">{portal.loading}</p>}
      {newest.value !== null && transfers.length === 0 && <NothingSent />}
      {transfers.map((transfer) => (
        <TransferCard
          key={transfer.id}
          transfer={transfer}
          now={now}
          onRevoke={(grant) => setTarget({ transfer, grant })}
        />
      ))}
      {next !== null && (
        <button type="button" className="button quiet" onClick={() => void attempt(() => showOlder(next))}>
          {words.older}
        </button>
      )}
      {target !== null && (
        <RevokeDialog target={target} onConfirm={() => revoke(target)} onClose={() => setTarget(null)} />
      )}
    </div>
  );
}

interface Older {
  readonly transfers: readonly Transfer[];
  readonly next: string | null;
  readonly asked: boolean;
}

/** A transfer that slid from the fresh page onto an older one stands once, as last read. */
function joined(newest: readonly Transfer[], older: readonly Transfer[]): readonly Transfer[] {
  const known = new Set(newest.map((transfer) => transfer.id));
  return [...newest, ...older.filter((transfer) => !known.has(transfer.id))];
}

function RevokeDialog({
  target,
  onConfirm,
  onClose,
}: {
  target: Target;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}): ReactElement {
  const { grant, transfer } = target;
  return (
    <ConfirmDialog
      title={grant === null ? words.confirmTransferTitle : words.confirmGrantTitle(grant.address)}
      action={words.revokeNow}
      actionBusy={words.revoking}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>{grant === null ? words.confirmTransfer(transfer.grants.length) : words.confirmGrant}</p>
      <p className="soft">{words.confirmKept}</p>
    </ConfirmDialog>
  );
}

function NothingSent(): ReactElement {
  return (
    <section className="card stack">
      <h2>{words.emptyTitle}</h2>
      <p>{words.emptyIntro}</p>
      <ol className="steps-list">
        <li>
          <p>{words.emptyLogin}</p>
          <Copyable text={portal.commands.login(location.origin)} label={portal.commands.copyLogin} />
          <p>
            <a href="/tokens">{words.makeToken}</a>
          </p>
        </li>
        <li>
          <p>{words.emptySend}</p>
          <Copyable text={portal.commands.send} label={portal.commands.copySend} />
        </li>
        <li>
          <p>{words.emptyWatch}</p>
        </li>
      </ol>
    </section>
  );
}
