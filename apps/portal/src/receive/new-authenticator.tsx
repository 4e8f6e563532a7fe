/** A fresh authenticator: the QR code, the same for typing in, and the first code of the app. */
import { sixDigitCode } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { CodeField, ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { problemOf } from "../elements/problems.ts";
import { groupsOfFour, QrDrawing } from "../elements/qr-drawing.tsx";
import { texts } from "./texts.ts";
import type { NewAuthenticator, Visit } from "./visit.ts";

const words = texts.ownFactors;

export interface NewAuthenticatorProps {
  readonly visit: Visit;
  readonly authenticator: NewAuthenticator;
  readonly onAdded: () => void;
  /** The server has forgotten the secret; it must be begun anew. */
  readonly onGone: (message: string) => void;
}

export function NewAuthenticatorForm(props: NewAuthenticatorProps): ReactElement {
  const { visit, authenticator, onAdded, onGone } = props;
  const [code, setCode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "new-code", message: texts.authenticator.wrong }];
    try {
      await visit.confirmAuthenticator(code);
      onAdded();
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code === "factor/not-begun") onGone(problem.message);
      return [{ field: problem.code === "factor/code-refused" ? "new-code" : null, message: problem.message }];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <div className="authenticator">
        <QrDrawing text={authenticator.otpauthUri} label={words.scanLabel} />
        <ol className="steps-list">
          <li>
            <p>{words.scan}</p>
            <p className="soft small">{words.typeSecret}</p>
            <p className="secret">{groupsOfFour(authenticator.secret)}</p>
          </li>
          <li>
            <CodeField id="new-code" label={words.code} value={code} onChange={setCode} problems={problems} />
          </li>
        </ol>
      </div>
      <SubmitButton busy={busy} label={words.finish} busyLabel={words.busy} />
    </form>
  );
}
