/** Who is there? Answered with a passkey, or with password and code: to unlock a page, or before one changes how one signs in. */
import { sixDigitCode } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { CodeField, ErrorSummary, PasswordField, SubmitButton, useSubmission } from "../elements/form.tsx";
import { passkeysAreKnown } from "../elements/passkey-device.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { isSignedOut, useSession } from "../portal/session.ts";
import { proveByPasskey } from "./passkey-proof.ts";
import { texts } from "./texts.ts";

const words = texts.proof;

export interface ProofFormProps {
  /** Before the ids of its fields. */
  readonly id: string;
  readonly className?: string;
  readonly label: string;
  readonly busyLabel: string;
  readonly passkeyLabel: string;
  /** Whether the member has one; the device knows whether it is here. */
  readonly hasPasskey: boolean;
  readonly onProven: () => void;
}

export function ProofForm(props: ProofFormProps): ReactElement {
  const { id, label, busyLabel, passkeyLabel, hasPasskey, onProven } = props;
  const { signedOut } = useSession();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const failed = (thrown: unknown): readonly FieldProblem[] => {
    const problem = problemOf(thrown);
    if (isSignedOut(problem)) signedOut("ended");
    return [{ field: null, message: problem.message }];
  };
  const byPassword = useSubmission(async () => {
    const wrong = missing(id, { password, code });
    if (wrong.length > 0) return wrong;
    try {
      await server.call("provePassword", { body: { password, code } });
      onProven();
      return [];
    } catch (thrown) {
      // A code is good for one attempt.
      setCode("");
      return failed(thrown);
    }
  });
  const byPasskey = useSubmission(async () => {
    try {
      const problems = await proveByPasskey();
      if (problems.length === 0) onProven();
      return problems;
    } catch (thrown) {
      return failed(thrown);
    }
  });
  const problems = byPasskey.problems.length > 0 ? byPasskey.problems : byPassword.problems;
  return (
    <form
      className={`stack ${props.className ?? ""}`}
      noValidate
      onSubmit={(event) => {
        byPasskey.setProblems([]);
        byPassword.submit(event);
      }}
    >
      <ErrorSummary problems={problems} />
      {hasPasskey && passkeysAreKnown() && (
        <>
          <button
            type="button"
            className="button"
            aria-disabled={byPasskey.busy}
            onClick={() => {
              byPassword.setProblems([]);
              byPasskey.submit();
            }}
          >
            {byPasskey.busy ? texts.passkey.waiting : passkeyLabel}
          </button>
          <p className="soft">{words.or}</p>
        </>
      )}
      <PasswordField
        id={`${id}-password`}
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        problems={problems}
      />
      <CodeField
        id={`${id}-code`}
        label={words.code}
        hint={words.codeHint}
        value={code}
        onChange={setCode}
        problems={problems}
      />
      <SubmitButton busy={byPassword.busy} label={label} busyLabel={busyLabel} />
    </form>
  );
}

function missing(id: string, { password, code }: { password: string; code: string }): readonly FieldProblem[] {
  const wrong: FieldProblem[] = [];
  if (password === "") wrong.push({ field: `${id}-password`, message: words.passwordMissing });
  if (!sixDigitCode.safeParse(code).success) wrong.push({ field: `${id}-code`, message: words.codeMissing });
  return wrong;
}
