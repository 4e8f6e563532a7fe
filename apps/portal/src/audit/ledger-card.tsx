/** How the log stands, as the server says it and as this browser has checked it. */
import { type ReactElement, useEffect, useState } from "react";
import { dates } from "../elements/words.ts";
import { problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import type { LogVerdict } from "./log-trust.ts";
import { type Cosignature, readCosignatures } from "./own-log.ts";
import { texts } from "./texts.ts";

const words = texts.health;
type Health = Awaited<ReturnType<typeof server.call<"ledgerHealth">>>;

export function LedgerCard({ log, now }: { log: LogVerdict | null; now: number }): ReactElement {
  const keeper = useSession();
  const [health, setHealth] = useState<Health | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [cosignatures, setCosignatures] = useState<readonly Cosignature[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    async function read(): Promise<void> {
      const answer = await server.call("ledgerHealth", { signal: leaving.signal });
      if (leaving.signal.aborted) return;
      setHealth(answer);
      if (log?.believed !== true) return;
      const found = await readCosignatures(
        log,
        answer.witnesses.map(({ verifierKey }) => verifierKey),
      );
      if (!leaving.signal.aborted) setCosignatures(found);
    }
    read().catch((thrown: unknown) => {
      if (leaving.signal.aborted) return;
      const found = problemOf(thrown);
      if (!leaveIfSignedOut(keeper, found)) setProblem(found.message);
    });
    return () => leaving.abort();
    // The keeper is made anew with each drawing and means the same.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [log]);

  const when = (at: number): string => `${dates.short(at)} (${dates.relative(at, Math.max(now, at))})`;
  return (
    <section className="card stack-tight" aria-labelledby="health-heading">
      <h2 id="health-heading">{words.heading}</h2>
      {problem !== null && <p className="wrong">{problem}</p>}
      <dl className="facts">
        {health !== null && (
          <>
            <Fact name={words.entries}>
              {health.entries.toLocaleString()}
              {health.waiting > 0 && ` · ${words.waiting(health.waiting)}`}
            </Fact>
            <Fact name={words.lastEntry}>{health.lastEntryAt === null ? words.none : when(health.lastEntryAt)}</Fact>
          </>
        )}
        <Fact name={words.signed}>
          {log === null ? words.checking : log.believed ? words.signedSize(log.checkpoint.size) : words.notChecked}
        </Fact>
        {log?.believed === true && (
          <>
            <Fact name={words.verified}>
              {log.since === null ? words.firstTime : words.verifiedNow(dates.short(log.since))}
            </Fact>
            <Fact name={words.origin}>
              <span className="mono">{log.checkpoint.origin}</span>
            </Fact>
          </>
        )}
        {health !== null && (
          <>
            <Fact name={words.witnesses}>
              <Witnesses health={health} cosignatures={cosignatures} when={when} />
            </Fact>
            <Fact name={words.keyLog}>{keyLogWords(health.keyLog, when)}</Fact>
          </>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Only what verified under a witness's key counts as its word. */
function Witnesses(props: {
  health: Health;
  cosignatures: readonly Cosignature[];
  when: (at: number) => string;
}): ReactElement {
  if (props.health.witnesses.length === 0) return <>{words.noWitness}</>;
  return (
    <ul className="plain-list">
      {props.health.witnesses.map(({ name, verifierKey }) => {
        const seen = props.cosignatures.find((each) => verifierKey.startsWith(`${each.name}+`));
        const said =
          seen === undefined
            ? words.silent(name)
            : words.cosigned(name, seen.size, seen.at === null ? "" : props.when(seen.at));
        return (
          <li key={verifierKey}>
            {seen === undefined ? "" : "✓ "}
            {said}
          </li>
        );
      })}
    </ul>
  );
}

function keyLogWords(keyLog: Health["keyLog"], when: (at: number) => string): string {
  if (keyLog === null) return words.keyLogNone;
  if (keyLog.alarmedAt !== null) return words.keyLogAlarm(when(keyLog.alarmedAt));
  return words.keyLogAt(keyLog.size, keyLog.anchoredAt === null ? "" : when(keyLog.anchoredAt));
}
