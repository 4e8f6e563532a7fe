/** Asks who is there before one changes how one signs in; and the wait for the answer, for whatever was to be done. */
import { type ReactElement, type ReactNode, useState } from "react";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { Modal } from "../sessions/modal.tsx";
import { ProofForm } from "../sessions/proof-form.tsx";
import { texts } from "./sign-in-texts.ts";

const words = texts.proof;
const PROOF_REQUIRED = "sign-in/proof-required";

/**
 * `proven` does something, and once more after a fresh proof where the server asks for one. It answers false where the person did not
 * give it; `dialog` is what asks.
 */
export function useProof(hasPasskey: boolean): {
  readonly proven: (work: () => Promise<void>) => Promise<boolean>;
  readonly dialog: ReactNode;
} {
  const [answer, setAnswer] = useState<((isProven: boolean) => void) | null>(null);
  async function proven(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      if (problemOf(thrown).code !== PROOF_REQUIRED) throw thrown;
    }
    const isProven = await new Promise<boolean>((resolve) => setAnswer(() => resolve));
    setAnswer(null);
    if (!isProven) return false;
    await work();
    return true;
  }
  return { proven, dialog: answer && <ProofDialog hasPasskey={hasPasskey} onAnswer={answer} /> };
}

function ProofDialog({
  hasPasskey,
  onAnswer,
}: {
  hasPasskey: boolean;
  onAnswer: (isProven: boolean) => void;
}): ReactElement {
  return (
    <Modal titleId="proof-title" describedBy="proof-intro" onEscape={() => onAnswer(false)}>
      <div className="stack">
        <div className="stack-tight">
          <h2 id="proof-title">{words.title}</h2>
          <p id="proof-intro" className="soft">
            {words.intro}
          </p>
        </div>
        <ProofForm
          id="proof"
          label={words.go}
          busyLabel={words.busy}
          passkeyLabel={words.byPasskey}
          hasPasskey={hasPasskey}
          onProven={() => onAnswer(true)}
        />
        <p>
          <button type="button" className="button quiet" onClick={() => onAnswer(false)}>
            {shared.cancel}
          </button>
        </p>
      </div>
    </Modal>
  );
}
