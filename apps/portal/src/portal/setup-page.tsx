/** Set-up: organisation and first member, authenticator; then, loaded when it is time, keys and mail. */
import { displayName, LIMITS, mailAddress, sixDigitCode } from "@safeconduct/contract";
import { lazy, type ReactElement, Suspense, useEffect, useState } from "react";
import { CodeField, ErrorSummary, Field, PasswordField, SubmitButton, useSubmission } from "../elements/form.tsx";
import { useInstance } from "../elements/instance.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { groupsOfFour, QrDrawing } from "../elements/qr-drawing.tsx";
import { language } from "../elements/language.ts";
import { type FieldProblem, fieldProblem, problemOf } from "../elements/problems.ts";
import { server } from "./server.ts";
import { useSession } from "./session.ts";
import { SetupSteps } from "./setup-steps.tsx";
import { setupTokenOf } from "./setup-token.ts";
import { texts } from "./texts.ts";

const KeySteps = lazy(async () => ({ default: (await import("../setup/key-steps.tsx")).KeySteps }));

const words = texts.setup;

type Authenticator = Awaited<ReturnType<typeof server.call<"enrolFirstMember">>>;
type Completed = Awaited<ReturnType<typeof server.call<"completeSetup">>>;
type Step =
  | { readonly name: "form" }
  | { readonly name: "authenticator"; readonly authenticator: Authenticator }
  | { readonly name: "done"; readonly completed: Completed };

export function SetupPage({ reread, first }: { reread: () => void; first: boolean }): ReactElement {
  const instance = useInstance();
  const { signedIn } = useSession();
  // A mistaken paste into the same tab changes only the fragment, which loads nothing.
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setFragment(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const token = setupTokenOf(fragment);
  const [step, setStep] = useState<Step>({ name: "form" });

  if (step.name === "done") {
    const { organisation, member, apiToken } = step.completed;
    return (
      <Suspense fallback={<p role="status">{texts.loading}</p>}>
        <KeySteps organisation={organisation.name} address={member.address} apiToken={apiToken} />
      </Suspense>
    );
  }
  if (instance?.setUp === true && step.name === "form")
    return <AlreadySetUp organisation={instance.organisation?.name ?? null} />;
  if (token === null) return <IncompleteLink />;
  if (step.name === "authenticator") {
    return (
      <AuthenticatorStep
        token={token}
        authenticator={step.authenticator}
        onDone={(completed) => {
          // The link is used up: it need not stay in the address bar and the history.
          history.replaceState(null, "", location.pathname);
          signedIn({ member: completed.member, organisation: completed.organisation });
          setStep({ name: "done", completed });
          reread();
        }}
      />
    );
  }
  return (
    <MemberStep
      token={token}
      first={first}
      onDone={(authenticator) => setStep({ name: "authenticator", authenticator })}
    />
  );
}

function MemberStep({
  token,
  first,
  onDone,
}: {
  token: string;
  first: boolean;
  onDone: (answer: Authenticator) => void;
}): ReactElement {
  const [organisation, setOrganisation] = useState("");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [password, setPassword] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    const wrong = memberProblems({ organisation, name, address, password });
    if (wrong.length > 0) return wrong;
    try {
      onDone(
        await server.call("enrolFirstMember", {
          body: { setupToken: token, organisation: { name: organisation }, member: { name, address }, password },
        }),
      );
      return [];
    } catch (thrown) {
      return [fieldProblem(problemOf(thrown), MEMBER_FIELDS)];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <SetupSteps at={0} />
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} failed={problems.length > 0} first={first || problems.length > 0} />
      <p>{words.intro}</p>
      <div className="card stack">
        <Field
          id="organisation"
          label={words.organisationName}
          hint={words.organisationHint}
          autoComplete="organization"
          value={organisation}
          onChange={setOrganisation}
          problems={problems}
        />
        <Field
          id="name"
          label={words.memberName}
          hint={words.memberHint}
          autoComplete="name"
          value={name}
          onChange={setName}
          problems={problems}
        />
        <Field
          id="address"
          type="email"
          inputMode="email"
          label={words.address}
          hint={words.addressHint}
          autoComplete="username"
          value={address}
          onChange={setAddress}
          problems={problems}
        />
        <PasswordField
          id="password"
          label={words.password}
          hint={words.passwordHint(LIMITS.passwordMinLength)}
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          problems={problems}
        />
        <SubmitButton busy={busy} label={words.next} busyLabel={words.nextBusy} />
      </div>
    </form>
  );
}

const MEMBER_FIELDS = {
  "/organisation/name": "organisation",
  "/member/name": "name",
  "/member/address": "address",
  "/address": "address",
  "/password": "password",
} as const;

function memberProblems(given: {
  organisation: string;
  name: string;
  address: string;
  password: string;
}): readonly FieldProblem[] {
  const { passwordMinLength: least, passwordMaxLength: most } = LIMITS;
  const wrong: FieldProblem[] = [];
  if (!displayName().safeParse(given.organisation).success)
    wrong.push({ field: "organisation", message: words.organisationWrong });
  if (!displayName().safeParse(given.name).success) wrong.push({ field: "name", message: words.memberWrong });
  if (!mailAddress.safeParse(given.address).success) wrong.push({ field: "address", message: words.addressWrong });
  const length = Array.from(given.password.normalize("NFC")).length;
  if (length < least) wrong.push({ field: "password", message: words.passwordShort(least) });
  if (length > most) wrong.push({ field: "password", message: words.passwordLong(most) });
  return wrong;
}

function AuthenticatorStep(props: {
  token: string;
  authenticator: Authenticator;
  onDone: (answer: Completed) => void;
}): ReactElement {
  const { token, authenticator, onDone } = props;
  const [code, setCode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "code", message: words.codeWrong }];
    try {
      onDone(await server.call("completeSetup", { body: { setupToken: token, code, language } }));
      return [];
    } catch (thrown) {
      return [fieldProblem(problemOf(thrown), { "/code": "code" })];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <SetupSteps at={1} />
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.authenticatorTitle} failed={problems.length > 0} first={problems.length > 0} />
      <p>{words.authenticatorIntro}</p>
      <div className="card stack">
        <div className="authenticator">
          <QrDrawing text={authenticator.otpauthUri} label={words.scanLabel} />
          <ol className="steps-list">
            <li>
              <p>{words.scan}</p>
              <p className="soft small">{words.typeSecret}</p>
              <p className="secret">{groupsOfFour(authenticator.secret)}</p>
            </li>
            <li>
              <p>{words.enterCode}</p>
              <CodeField id="code" label={words.code} value={code} onChange={setCode} problems={problems} />
            </li>
          </ol>
        </div>
        <SubmitButton busy={busy} label={words.finish} busyLabel={words.finishBusy} />
      </div>
    </form>
  );
}

function AlreadySetUp({ organisation }: { organisation: string | null }): ReactElement {
  // Whoever reloads the page in the middle of set-up goes on there.
  const isIn = useSession().session.state === "in";
  return (
    <div className="stack">
      <PageHeading heading={words.alreadyTitle} />
      <p>{words.already(organisation ?? words.someOrganisation)}</p>
      <p>
        <a className="button" href={isIn ? "/account" : "/sign-in"}>
          {isIn ? words.toAccount : words.signIn}
        </a>
      </p>
    </div>
  );
}

function IncompleteLink(): ReactElement {
  return (
    <div className="stack">
      <PageHeading heading={words.incompleteTitle} failed />
      <Notice tone="warn">
        <p>{words.incomplete}</p>
      </Notice>
    </div>
  );
}
