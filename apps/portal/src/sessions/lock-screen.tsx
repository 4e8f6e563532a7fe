/**
 * In place of the page while it is locked. The page itself stays in memory, so that an upload goes on and a form keeps what was
 * typed, but it is not drawn, cannot be reached and is not read out.
 */
import { type ReactElement, useEffect, useRef, useState } from "react";
import { Mark } from "../elements/mark.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { server } from "../portal/server.ts";
import { isSignedOut, useSession } from "../portal/session.ts";
import { tellPages } from "./guard.ts";
import { useLeave } from "./leave.ts";
import { lockState, unlockPage } from "./lock-state.ts";
import { Modal } from "./modal.tsx";
import { ProofForm } from "./proof-form.tsx";
import { texts } from "./texts.ts";

const words = texts.lock;

export function LockScreen(): ReactElement {
  const { signedOut } = useSession();
  const leave = useLeave();
  const [shown, setShown] = useState<{ name: string; hasPasskey: boolean } | null>(null);
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
        setShown(session);
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
          <p>{shown === null ? words.nameless : words.of(shown.name)}</p>
          <p className="soft">{words.uploads}</p>
        </div>
        <ProofForm
          id="unlock"
          className="card"
          label={words.unlock}
          busyLabel={words.unlocking}
          passkeyLabel={words.byPasskey}
          hasPasskey={shown?.hasPasskey ?? false}
          onProven={() => {
            tellPages("unlocked");
            unlockPage();
          }}
        />
        <Leave leave={leave} />
      </main>
    </Modal>
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
