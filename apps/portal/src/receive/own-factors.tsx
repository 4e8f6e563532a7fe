/** Below the files: add a passkey or an authenticator app for later ones, or take away what opened these. */
import { lazy, type ReactElement, type ReactNode, Suspense, useEffect, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { passkeysAreKnown } from "../elements/passkey-device.ts";
import { problemOf } from "../elements/problems.ts";
import { texts as arrival } from "./arrival-texts.ts";
import { texts } from "./texts.ts";
import type { Invitation } from "./arrival.ts";
import type { NewAuthenticator, OwnFactors, Visit } from "./visit.ts";

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
  const [busy, setBusy] = useState(false);
  const { organisation } = invitation;
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
    if (busy) return;
    setFailure(null);
    setBusy(true);
    try {
      await work();
    } catch (thrown) {
      setFailure(problemOf(thrown).message);
    } finally {
      setBusy(false);
    }
  }
  async function addPasskey(): Promise<void> {
    const outcome = await visit.addPasskey();
    if (outcome === "done") setDone(words.passkeyAdded(organisation));
    else setFailure(PASSKEY_FAILURES[outcome]);
  }
  const button = (label: string, work: () => Promise<void>) => (
    <button type="button" className="button quiet small" aria-disabled={busy} onClick={() => void act(work)}>
      {label}
    </button>
  );

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
        <Suspense fallback={<p role="status">{arrival.opening}</p>}>
          <NewAuthenticatorForm
            visit={visit}
            authenticator={begun}
            onAdded={() => setDone(words.added(organisation))}
            onGone={(message) => {
              setBegun(null);
              setFailure(message);
            }}
          />
        </Suspense>
      </section>
    );
  }
  if (own.removable.includes("passkey")) {
    return (
      <Own title={words.passkeyTitle} body={words.passkeyBody(organisation)} problem={problem}>
        {button(words.addAnotherPasskey, addPasskey)}
        {button(words.removePasskeys, async () => {
          await visit.removeFactor("passkey");
          setDone(words.passkeysRemoved);
        })}
      </Own>
    );
  }
  if (own.removable.includes("authenticator")) {
    return (
      <Own title={words.removeTitle} body={words.removeBody(organisation)} problem={problem}>
        {button(words.remove, async () => {
          await visit.removeFactor("authenticator");
          setDone(words.removed);
        })}
      </Own>
    );
  }
  const offersPasskey = passkeysAreKnown() && !own.enrolled.includes("passkey");
  const offersApp = !own.enrolled.includes("authenticator");
  if (!offersPasskey && !offersApp) return null;
  const offer = offersPasskey ? (offersApp ? words.offer : words.offerPasskey) : words.offerApp;
  return (
    <section className="card stack-tight">
      <h2>{words.offerHeading}</h2>
      <p className="soft">{offer(organisation)}</p>
      {problem}
      <p className="choices">
        {offersPasskey && button(words.addPasskey, addPasskey)}
        {offersApp && button(words.begin, async () => setBegun(await visit.beginAuthenticator()))}
      </p>
    </section>
  );
}

const PASSKEY_FAILURES = {
  cancelled: words.passkeyCancelled,
  known: words.passkeyKnown,
  unsupported: words.passkeyUnsupported,
} as const;

/** What opened this session. */
function Own(props: { title: string; body: string; problem: ReactNode; children: ReactNode }): ReactElement {
  return (
    <details className="small">
      <summary>{props.title}</summary>
      <div className="stack-tight">
        <p className="soft">{props.body}</p>
        {props.problem}
        <p className="choices">{props.children}</p>
      </div>
    </details>
  );
}
