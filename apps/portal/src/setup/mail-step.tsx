/** A test mail to one's own address. */
import { type ReactElement, useState } from "react";
import { Copyable } from "../elements/copyable.tsx";
import { ErrorSummary, useSubmission } from "../elements/form.tsx";
import { useInstance } from "../elements/instance.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { problemOf } from "../elements/problems.ts";
import { server } from "../portal/server.ts";
import { texts as words } from "./texts.ts";

const CHECK = "safeconduct config check FILE --mail-to ADDRESS";

export function MailStep({ address, onDone }: { address: string; onDone: () => void }): ReactElement {
  const mailboxUrl = useInstance()?.mailboxUrl ?? null;
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { problems, busy, submit } = useSubmission(async () => {
    try {
      setSentTo((await server.call("sendTestMail")).address);
      return [];
    } catch (thrown) {
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  return (
    <>
      <ErrorSummary problems={problems} />
      <PageHeading heading={words.mailTitle} failed={problems.length > 0} first={problems.length > 0} />
      <p>{words.mailIntro}</p>
      <form className="card stack" onSubmit={submit}>
        {problems.length > 0 && (
          <div className="stack-tight">
            <p>{words.mailFailed}</p>
            <Copyable text={CHECK} label={words.copyCommand} />
          </div>
        )}
        <div role="status">
          {sentTo !== null && problems.length === 0 && (
            <Notice tone="good">
              <p>{mailboxUrl === null ? words.mailSent(sentTo) : words.mailLocal}</p>
              {mailboxUrl !== null && (
                <p>
                  <a href={mailboxUrl} target="_blank" rel="noreferrer">
                    {words.mailbox}
                  </a>
                </p>
              )}
            </Notice>
          )}
        </div>
        <button type="submit" className={sentTo === null ? "button" : "button quiet"} aria-disabled={busy}>
          {busy ? words.mailBusy : words.mailSend(address)}
        </button>
      </form>
      <button type="button" className={sentTo === null ? "button quiet" : "button"} onClick={onDone}>
        {sentTo === null ? words.skip : words.goOn}
      </button>
    </>
  );
}
