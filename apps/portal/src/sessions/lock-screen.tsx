/**
 * In place of the page while it is locked. The page itself stays in memory, so that an upload goes on and a form keeps what was
 * typed, but it is not drawn, cannot be reached and is not read out.
 */
import { sixDigitCode } from "@safeconduct/contract";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { CodeField, ErrorSummary, PasswordField, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Mark } from "../elements/mark.tsx";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { server } from "../portal/server.ts";
import { isSignedOut, useSession } from "../portal/session.ts";
import { tellPages } from "./guard.ts";
import { useLeave } from "./leave.ts";
import { lockState, unlockPage } from "./lock-state.ts";
import { Modal } from "./modal.tsx";
import { texts } from "./texts.ts";

const words = texts.lock;

export function LockScreen(): ReactElement {
  const { signedOut } = useSession();
  const leave = useLeave();
  const [name, setName] = useState<string | null>(null);
  useTitle(shared.title(words.title));
  const over = useRef(signedOut);
  useEffect(() => {
    over.current = signedOut;
  });
  useEffect(() => {
    let stopped = false;
    server.call("currentSession").then(
      (session) => {
        if (stopped) return;
        setName(session.name);
        // Another page has unlocked it between its word and ours.
        if (!session.locked && lockState() === "told") unlockPage();
      },
      (thrown: unknown) => {
        if (!stopped && isSignedOut(problemOf(thrown))) over.current("ended");
      },
    );
    return () => {
      stopped = true;
    };
  }, []);
  return (
    <Modal titleId="lock-title" className="lock-screen">
      <main className="stack">
        <p className="brand">
          <Mark />
          {shared.product}
        </p>
        <div className="stack-tight">
          <h1 id="lock-title">{words.title}</h1>
          <p>{name === null ? words.nameless : words.of(name)}</p>
          <p className="soft">{words.uploads}</p>
        </div>
        <PasswordUnlock />
        <Leave leave={leave} />
      </main>
    </Modal>
  );
}

function PasswordUnlock(): ReactElement {
  const { signedOut } = useSession();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    const wrong = missing({ password, code });
    if (wrong.length > 0) return wrong;
    try {
      await server.call("provePassword", { body: { password, code } });
      tellPages("unlocked");
      unlockPage();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (isSignedOut(problem)) signedOut("ended");
      // A code is good for one attempt.
      setCode("");
      return [{ field: null, message: problem.message }];
    }
  });
  return (
    <form className="card stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <PasswordField
        id="unlock-password"
        label={words.password}
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        problems={problems}
      />
      <CodeField
        id="unlock-code"
        label={words.code}
        hint={words.codeHint}
        value={code}
        onChange={setCode}
        problems={problems}
      />
      <SubmitButton busy={busy} label={words.unlock} busyLabel={words.unlocking} />
    </form>
  );
}

function Leave({ leave }: { leave: () => Promise<boolean> }): ReactElement {
  return (
    <div className="stack-tight">
      <p className="row">
        {words.other}{" "}
        <button type="button" className="button quiet small" onClick={() => void leave()}>
          {words.leave}
        </button>
      </p>
      <p className="soft small">{words.leaveHint}</p>
    </div>
  );
}

function missing({ password, code }: { password: string; code: string }): readonly FieldProblem[] {
  const wrong: FieldProblem[] = [];
  if (password === "") wrong.push({ field: "unlock-password", message: words.passwordMissing });
  if (!sixDigitCode.safeParse(code).success) wrong.push({ field: "unlock-code", message: words.codeMissing });
  return wrong;
}

/** The title of a tab is read by whoever passes by. */
function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
}
