/** The authenticator of somebody who joins, and its first code. */
import { sixDigitCode } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { CodeField, ErrorSummary, SubmitButton, useSubmission } from "../elements/form.tsx";
import { PageHeading } from "../elements/page.tsx";
import { fieldProblem, problemOf } from "../elements/problems.ts";
import { language } from "../elements/language.ts";
import { groupsOfFour, QrDrawing } from "../elements/qr-drawing.tsx";
import { server } from "../portal/server.ts";
import type { Authenticator } from "./answers.ts";
import { JoinSteps } from "./join-steps.tsx";
import { texts } from "./texts.ts";

export function AuthenticatorForm({
  token,
  authenticator,
  onDone,
}: {
  token: string;
  authenticator: Authenticator;
  onDone: (who: Awaited<ReturnType<typeof server.call<"completeJoining">>>) => void;
}): ReactElement {
  const [code, setCode] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!sixDigitCode.safeParse(code).success) return [{ field: "code", message: texts.codeWrong }];
    try {
      onDone(await server.call("completeJoining", { body: { token, code, language } }));
      return [];
    } catch (thrown) {
      return [fieldProblem(problemOf(thrown), { "/code": "code" })];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <JoinSteps at={1} />
      <ErrorSummary problems={problems} />
      <PageHeading heading={texts.authenticatorTitle} failed={problems.length > 0} first={problems.length > 0} />
      <p>{texts.authenticatorIntro}</p>
      <div className="card stack">
        <div className="authenticator">
          <QrDrawing text={authenticator.otpauthUri} label={texts.scanLabel} />
          <ol className="steps-list">
            <li>
              <p>{texts.scan}</p>
              <p className="soft small">{texts.typeSecret}</p>
              <p className="secret">{groupsOfFour(authenticator.secret)}</p>
            </li>
            <li>
              <p>{texts.enterCode}</p>
              <CodeField id="code" label={texts.code} value={code} onChange={setCode} problems={problems} />
            </li>
          </ol>
        </div>
        <SubmitButton busy={busy} label={texts.finish} busyLabel={texts.finishBusy} />
      </div>
    </form>
  );
}
