/** Below the files: add an authenticator app for later ones, or take away the one that opened these. */
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts } from "./texts.ts";
import type { Invitation, NewAuthenticator, OwnFactors, Visit } from "./visit.ts";

const words = texts.ownFactors;

/** With its QR code it is half as large as the rest of the page, and few need it. */
const NewAuthenticatorForm = lazy(async () => ({
  default: (await import("./new-authenticator.tsx")).NewAuthenticatorForm,
}));

export interface OwnFactorsProps {
  readonly visit: Visit;
  readonly invitation: Invitation;
}

export function OwnFactorsSection({ visit, invitation }: OwnFactorsProps): ReactElement | null {
  const [own, setOwn] = useState<OwnFactors | null>(null);
  const [begun, setBegun] = useState<NewAuthenticator | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const asks = visit.demanded() !== null;

  useEffect(() => {
    if (!asks) return undefined;
    let stopped = false;
    visit.ownFactors().then(
      (answer) => {
        if (!stopped) setOwn(answer);
      },
      // An extra that is not offered now; the files do not depend on it.
      () => undefined,
    );
    return () => {
      stopped = true;
    };
  }, [asks, visit]);

  async function act(work: () => Promise<void>): Promise<void> {
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(problemOf(thrown).message);
    }
  }

  if (own === null) return null;
  if (done !== null) {
    return (
      <Notice tone="good">
        <p role="status">{done}</p>
      </Notice>
    );
  }
  const problem = failure !== null && (
    <p className="wrong" role="alert">
      {failure}
    </p>
  );
  if (begun !== null) {
    return (
      <section className="card stack">
        <h2>{words.addHeading}</h2>
        <Suspense fallback={<p role="status">{texts.loading}</p>}>
          <NewAuthenticatorForm
            visit={visit}
            authenticator={begun}
            onAdded={() => setDone(words.added(invitation.organisation))}
            onGone={(message) => {
              setBegun(null);
              setFailure(message);
            }}
          />
        </Suspense>
      </section>
    );
  }
  if (own.removable.includes("authenticator")) {
    return (
      <details className="small">
        <summary>{words.removeTitle}</summary>
        <div className="stack-tight">
          <p className="soft">{words.removeBody(invitation.organisation)}</p>
          {problem}
          <button
            type="button"
            className="button quiet small"
            onClick={() =>
              void act(async () => {
                await visit.removeFactor("authenticator");
                setDone(words.removed);
              })
            }
          >
            {words.remove}
          </button>
        </div>
      </details>
    );
  }
  if (own.enrolled.includes("authenticator")) return null;
  return (
    <section className="card stack-tight">
      <h2>{words.offerHeading}</h2>
      <p className="soft">{words.offer(invitation.organisation)}</p>
      {problem}
      <p>
        <button
          type="button"
          className="button quiet small"
          onClick={() => void act(async () => setBegun(await visit.beginAuthenticator()))}
        >
          {words.begin}
        </button>
      </p>
    </section>
  );
}
