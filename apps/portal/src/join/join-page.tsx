/** Somebody who was invited joins: name and password, authenticator, done. Opening the page changes nothing. */
import { type ReactElement, useEffect, useState } from "react";
import type { Problem } from "@safeconduct/foundation";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { useSession } from "../portal/session.ts";
import { setupTokenOf } from "../portal/setup-token.ts";
import { texts as portal } from "../portal/texts.ts";
import type { Authenticator, Invited } from "./answers.ts";
import { AuthenticatorForm } from "./authenticator-form.tsx";
import { JoinSteps } from "./join-steps.tsx";
import { PersonForm } from "./person-form.tsx";
import { texts } from "./texts.ts";

type Step =
  | { readonly name: "person" }
  | { readonly name: "authenticator"; readonly authenticator: Authenticator }
  | { readonly name: "done"; readonly organisation: string };

export function JoinPage({ first }: { first: boolean }): ReactElement {
  // A mistaken paste into the same tab changes only the fragment, which loads nothing.
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setFragment(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const [step, setStep] = useState<Step>({ name: "person" });
  const token = setupTokenOf(fragment);
  if (step.name === "done") return <Done organisation={step.organisation} />;
  if (token === null) return <Unusable title={texts.incompleteTitle} message={texts.incomplete} />;
  return <Joining key={token} token={token} step={step} onStep={setStep} first={first} />;
}

function Joining({
  token,
  step,
  onStep,
  first,
}: {
  token: string;
  step: Step;
  onStep: (step: Step) => void;
  first: boolean;
}): ReactElement {
  const { session, signedIn } = useSession();
  const [invited, setInvited] = useState<Invited | Problem | null>(null);
  useEffect(() => {
    let isStopped = false;
    server.call("invited", { body: { token } }).then(
      (answer) => {
        if (!isStopped) setInvited(answer);
      },
      (thrown: unknown) => {
        if (!isStopped) setInvited(problemOf(thrown));
      },
    );
    return () => {
      isStopped = true;
    };
  }, [token]);

  if (invited === null) return <p role="status">{portal.loading}</p>;
  if ("code" in invited) return <Unusable title={texts.lookFailed} message={invited.message} />;
  if (step.name === "authenticator")
    return (
      <AuthenticatorForm
        token={token}
        authenticator={step.authenticator}
        onDone={(who) => {
          // The link is used up: it need not stay in the address bar and the history.
          history.replaceState(null, "", location.pathname);
          signedIn(who);
          onStep({ name: "done", organisation: who.organisation.name });
        }}
      />
    );
  return (
    <PersonForm
      token={token}
      invited={invited}
      present={session.state === "in" ? session.who.member.name : null}
      first={first}
      onDone={(authenticator) => onStep({ name: "authenticator", authenticator })}
    />
  );
}

function Done({ organisation }: { organisation: string }): ReactElement {
  return (
    <div className="stack">
      <JoinSteps at={2} />
      <PageHeading heading={texts.doneTitle(organisation)} />
      <p>{texts.done}</p>
      <p>
        <a className="button" href="/">
          {texts.go}
        </a>
      </p>
    </div>
  );
}

function Unusable({ title, message }: { title: string; message: string }): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={title} failed />
      <Notice tone="warn">
        <p>{message}</p>
      </Notice>
      <p>
        <a href="/sign-in">{texts.toSignIn}</a>
      </p>
    </div>
  );
}
