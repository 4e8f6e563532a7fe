/** Who is there? Answered with a passkey, or with password and code: to unlock a page, or before one changes how one signs in. */
import { type ReactElement, useState } from "react";
import { ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { passkeysAreKnown } from "../elements/passkey-device.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { isSignedOut, useSession } from "../portal/session.ts";
import { proveByPasskey } from "./passkey-proof.ts";
import { missingOf, NOTHING_TYPED, PasswordAndCode, withoutCode } from "./password-and-code.tsx";
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
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const ids = { password: `${id}-password`, code: `${id}-code` };
  const failed = (thrown: unknown): readonly FieldProblem[] => {
    const problem = problemOf(thrown);
    if (isSignedOut(problem)) signedOut("ended");
    return [{ field: null, message: problem.message }];
  };
  const byPassword = useSubmission(async () => {
    const wrong = missingOf(typed, ids, words);
    if (wrong.length > 0) return wrong;
    try {
      await server.call("provePassword", { body: typed });
      onProven();
      return [];
    } catch (thrown) {
      setTyped(withoutCode);
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
      <PasswordAndCode ids={ids} words={words} typed={typed} onChange={setTyped} problems={problems} />
      <SubmitButton busy={byPassword.busy} label={label} busyLabel={busyLabel} />
    </form>
  );
}
