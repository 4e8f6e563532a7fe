/** On the account page: where one is signed in, and how to sign out from there. */
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { Notice } from "../elements/notice.tsx";
import { Row, Rows } from "../elements/rows.tsx";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { useFresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts as portal } from "../portal/texts.ts";
import { browserWords } from "./browser-words.ts";
import { texts } from "./texts.ts";

const words = texts.sessions;
const NOW_EVERY_MS = 20_000;

type Listed = Awaited<ReturnType<typeof server.call<"listSessions">>>["sessions"][number];

export function SessionsSection(): ReactElement {
  const keeper = useSession();
  const [ending, setEnding] = useState<Listed | "others" | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const list = useFresh(async (signal) => (await server.call("listSessions", { signal })).sessions, {
    onProblem: (problem) => leaveIfSignedOut(keeper, problem),
  });
  const sessions = list.value ?? [];

  async function end(which: Listed | "others"): Promise<void> {
    if (which === "others") await server.call("endOtherSessions");
    else await server.call("endSession", { path: { session: which.id } });
    setDone(which === "others" ? words.othersEnded : words.ended(browserWords(which)));
    list.readNow();
  }

  return (
    <section className="stack" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{words.title}</h2>
      <p>{words.intro}</p>
      <div className="card stack">
        {list.problem !== null && (
          <Notice tone="bad">
            <p>{list.problem.message}</p>
          </Notice>
        )}
        {list.value === null && list.problem === null && <p role="status">{portal.loading}</p>}
        {sessions.length > 0 && <SessionList sessions={sessions} onEnd={setEnding} />}
        {sessions.length > 1 && (
          <p>
            <button type="button" className="button quiet bad" onClick={() => setEnding("others")}>
              {words.endOthers}
            </button>
          </p>
        )}
        <p className="soft small" role="status">
          {done}
        </p>
      </div>
      {ending !== null && (
        <ConfirmDialog
          title={ending === "others" ? words.confirmOthersTitle : words.confirmTitle(browserWords(ending))}
          action={words.end}
          actionBusy={words.ending}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(null)}
        >
          <p>{words.confirm}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function SessionList({
  sessions,
  onEnd,
}: {
  sessions: readonly Listed[];
  onEnd: (session: Listed) => void;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  return (
    <Rows>
      {sessions.map((session) => (
        <Row
          key={session.id}
          name={browserWords(session)}
          tags={
            session.current ? (
              <span className="tag">{words.current}</span>
            ) : (
              session.locked && <span className="tag">{words.locked}</span>
            )
          }
          facts={`${words.since(dates.short(session.createdAt))} · ${words.used(
            dates.relative(session.lastUsedAt, Math.max(now, session.lastUsedAt)),
          )}`}
          onRemove={session.current ? undefined : () => onEnd(session)}
          removeWords={{
            text: words.endThere,
            label: words.endLabel(browserWords(session), dates.short(session.createdAt)),
          }}
        />
      ))}
    </Rows>
  );
}
