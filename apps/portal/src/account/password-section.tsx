/** On the account page: a new password. Who it is is asked for in the same step, by password and code or by passkey. */
import { LIMITS } from "@safeconduct/contract";
import { type ReactElement, useRef, useState } from "react";
import { ErrorSummary, PasswordField, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { passkeysAreKnown } from "../elements/passkey-device.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { signProof } from "../sessions/passkey-proof.ts";
import { missingOf, NOTHING_TYPED, PasswordAndCode, withoutCode } from "../sessions/password-and-code.tsx";
import { texts } from "./sign-in-texts.ts";

const words = texts.password;
const IDS = { password: "current-password", code: "password-code" } as const;
const { passwordMinLength: LEAST, passwordMaxLength: MOST } = LIMITS;

type Options = NonNullable<Parameters<typeof server.call<"changePassword">>[1]>;
type Proof = NonNullable<Options["body"]>["proof"];

export function PasswordSection({ address, hasPasskey }: { address: string; hasPasskey: boolean }): ReactElement {
  const [done, setDone] = useState(false);
  const details = useRef<HTMLDetailsElement | null>(null);
  return (
    <section className="stack" aria-labelledby="password-title">
      <h2 id="password-title">{words.title}</h2>
      <p>{words.intro}</p>
      <div className="card stack">
        <div role="status">
          {done && (
            <Notice tone="good">
              <p>{words.done}</p>
            </Notice>
          )}
        </div>
        <details ref={details}>
          <summary>{words.change}</summary>
          <PasswordForm
            address={address}
            hasPasskey={hasPasskey}
            onDone={() => {
              setDone(true);
              if (details.current === null) return;
              details.current.open = false;
              details.current.querySelector("summary")?.focus();
            }}
          />
        </details>
        <p className="soft small">
          {words.tokens} <a href="/tokens">{words.tokensLink}</a>
        </p>
      </div>
    </section>
  );
}

function PasswordForm({
  address,
  hasPasskey,
  onDone,
}: {
  address: string;
  hasPasskey: boolean;
  onDone: () => void;
}): ReactElement {
  const keeper = useSession();
  const [password, setPassword] = useState("");
  const [typed, setTyped] = useState(NOTHING_TYPED);

  async function change(proof: Proof): Promise<readonly FieldProblem[]> {
    try {
      await server.call("changePassword", { body: { password, proof } });
      setPassword("");
      setTyped(NOTHING_TYPED);
      onDone();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (leaveIfSignedOut(keeper, problem)) return [];
      // A rule of the new password is said before the code is looked at; otherwise a code is good for one attempt.
      const isRule = problem.code.startsWith("identity/password-");
      if (!isRule) setTyped(withoutCode);
      return [{ field: isRule ? "new-password" : null, message: problem.message }];
    }
  }
  const byPassword = useSubmission(async () => {
    const wrong = [...lengthProblems(password), ...missingOf(typed, IDS, words)];
    return wrong.length > 0 ? wrong : change({ by: "password", ...typed });
  });
  const byPasskey = useSubmission(async () => {
    const wrong = lengthProblems(password);
    if (wrong.length > 0) return wrong;
    try {
      const signed = await signProof();
      return "signature" in signed ? await change({ by: "passkey", ...signed }) : signed;
    } catch (thrown) {
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  const problems = byPasskey.problems.length > 0 ? byPasskey.problems : byPassword.problems;
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
      {/* Password managers keep the password under this address. */}
      <input type="email" autoComplete="username" value={address} readOnly hidden />
      <PasswordField
        id="new-password"
        label={words.new}
        hint={words.newHint(LEAST)}
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        problems={problems}
      />
      {hasPasskey && passkeysAreKnown() && (
        <>
          <p>
            <button
              type="button"
              className="button"
              aria-disabled={byPasskey.busy}
              onClick={() => {
                byPassword.setProblems([]);
                byPasskey.submit();
              }}
            >
              {byPasskey.busy ? words.waiting : words.byPasskey}
            </button>
          </p>
          <p className="soft">{words.or}</p>
        </>
      )}
      <PasswordAndCode ids={IDS} words={words} typed={typed} onChange={setTyped} problems={problems} />
      <SubmitButton busy={byPassword.busy} label={words.go} busyLabel={words.busy} />
    </form>
  );
}

function lengthProblems(password: string): readonly FieldProblem[] {
  const length = Array.from(password.normalize("NFC")).length;
  if (length < LEAST) return [{ field: "new-password", message: words.short(LEAST) }];
  return length > MOST ? [{ field: "new-password", message: words.long(MOST) }] : [];
}
