/** Sign-in with address, password and authenticator code, or with a passkey. One answer for each whatever was wrong. */
import { mailAddress } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { useInstance } from "../elements/instance.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { passkeysAreKnown } from "../elements/passkey-device.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { signInByPasskey } from "../sessions/passkey-proof.ts";
import { missingOf, NOTHING_TYPED, PasswordAndCode, withoutCode } from "../sessions/password-and-code.tsx";
import { texts as sessions } from "../sessions/texts.ts";
import { openPage } from "./routing.ts";
import { server } from "./server.ts";
import { useSession } from "./session.ts";
import { texts } from "./texts.ts";

const words = texts.signIn;
const IDS = { password: "password", code: "code" } as const;

export function SignInPage({ first }: { first: boolean }): ReactElement {
  const instance = useInstance();
  const { signedIn, why, returnTo } = useSession();
  const [address, setAddress] = useState("");
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const byPassword = useSubmission(async () => {
    const wrong = [...addressProblem(address), ...missingOf(typed, IDS, words)];
    if (wrong.length > 0) return wrong;
    try {
      signedIn(await server.call("signIn", { body: { address, ...typed } }));
      openPage(returnTo);
      return [];
    } catch (thrown) {
      setTyped(withoutCode);
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  const byPasskey = useSubmission(async () => {
    try {
      const outcome = await signInByPasskey();
      if (!("member" in outcome)) return outcome;
      signedIn(outcome);
      openPage(returnTo);
      return [];
    } catch (thrown) {
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  const problems = byPasskey.problems.length > 0 ? byPasskey.problems : byPassword.problems;

  if (instance?.setUp === false) {
    return (
      <div className="stack">
        <PageHeading heading={words.notSetUpTitle} first={first} />
        <p>{words.notSetUp}</p>
      </div>
    );
  }
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        byPasskey.setProblems([]);
        byPassword.submit(event);
      }}
    >
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.title} failed={problems.length > 0} first={first || problems.length > 0} />
      {why !== null && problems.length === 0 && (
        <Notice tone="note">
          <p role="status">{why === "left" ? words.left : words.ended}</p>
        </Notice>
      )}
      <div className="card stack">
        <Field
          id="address"
          type="email"
          inputMode="email"
          label={words.address}
          autoComplete="username"
          value={address}
          onChange={setAddress}
          problems={problems}
        />
        <PasswordAndCode ids={IDS} words={words} typed={typed} onChange={setTyped} problems={problems} />
        <SubmitButton busy={byPassword.busy} label={words.submit} busyLabel={words.busy} />
        {passkeysAreKnown() && (
          <div className="stack-tight">
            <p className="soft">{words.orPasskey}</p>
            <button
              type="button"
              className="button quiet"
              aria-disabled={byPasskey.busy}
              onClick={() => {
                byPassword.setProblems([]);
                byPasskey.submit();
              }}
            >
              {byPasskey.busy ? sessions.passkey.waiting : words.byPasskey}
            </button>
          </div>
        )}
      </div>
    </form>
  );
}

const addressProblem = (address: string): readonly FieldProblem[] =>
  mailAddress.safeParse(address).success ? [] : [{ field: "address", message: words.addressMissing }];
