/** "Which links are open now?" */
import type { Problem } from "@safeconduct/foundation";
import { type ReactElement, useEffect, useState } from "react";
import { Breakable } from "../elements/breakable.tsx";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { visible } from "./entry-words.ts";
import { texts } from "./texts.ts";

const words = texts.links;
type Answer = Awaited<ReturnType<typeof server.call<"openLinks">>>;

export function OpenLinks({ now }: { now: number }): ReactElement {
  const keeper = useSession();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function read(skip: number, before: Answer["links"], signal?: AbortSignal): Promise<void> {
    try {
      const page = await server.call("openLinks", { body: { skip }, ...(signal === undefined ? {} : { signal }) });
      if (signal?.aborted !== true) setAnswer({ links: [...before, ...page.links], next: page.next });
    } catch (thrown) {
      if (signal?.aborted === true) return;
      const found = problemOf(thrown);
      if (!leaveIfSignedOut(keeper, found)) setProblem(found);
    }
  }
  useEffect(() => {
    const leaving = new AbortController();
    void read(0, [], leaving.signal);
    return () => leaving.abort();
    // Read once for each time that it is asked.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);

  const next = answer?.next ?? null;
  return (
    <div className="stack-tight">
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      {answer !== null && (
        <p role="status">{answer.links.length === 0 ? words.none : words.count(answer.links.length)}</p>
      )}
      <ul className="entries">
        {answer?.links.map((link) => (
          <li key={link.grant} className="open-link">
            <div>
              <p>
                <b>
                  <Breakable text={visible(link.name === null ? link.address : `${link.name} · ${link.address}`)} />
                </b>
              </p>
              <p className="soft small">
                {now < link.notBefore
                  ? words.opens(dates.short(link.notBefore), dates.relative(link.notBefore, now))
                  : words.ends(dates.short(link.endsAt), dates.relative(link.endsAt, now))}
                {" · "}
                {words.releases(link.releases, link.releaseCap)}
                {link.suspendedAt !== null && ` · ${words.suspended}`}
              </p>
            </div>
            <a href={`/history?transfer=${encodeURIComponent(link.transfer)}`}>{texts.history}</a>
          </li>
        ))}
      </ul>
      {next !== null && (
        <button type="button" className="button quiet" onClick={() => void read(next, answer?.links ?? [])}>
          {words.more}
        </button>
      )}
    </div>
  );
}
