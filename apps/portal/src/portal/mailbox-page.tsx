/** Evaluation only: the mails that would have been sent, newest first. */
import type { ReactElement } from "react";
import { useNow } from "../elements/clock.ts";
import { CopyButton } from "../elements/copyable.tsx";
import { useInstance } from "../elements/instance.ts";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { mailedCode } from "./mailed-code.ts";
import { useFresh } from "./fresh.ts";
import { server } from "./server.ts";
import { texts } from "./texts.ts";
import { dates } from "../elements/words.ts";

const words = texts.mailbox;
const NOW_EVERY_MS = 10_000;

type Message = Awaited<ReturnType<typeof server.call<"mailbox">>>["messages"][number];

export function MailboxPage({ first }: { first: boolean }): ReactElement {
  const instance = useInstance();
  if (instance !== null && !instance.evaluation) {
    return (
      <div className="stack">
        <PageHeading heading={words.unavailableTitle} first={first} />
        <p>{words.unavailable}</p>
      </div>
    );
  }
  return (
    <div className="stack">
      <PageHeading heading={words.title} first={first} />
      <p>{words.intro}</p>
      <Messages />
    </div>
  );
}

function Messages(): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const { value, problem } = useFresh((signal) => server.call("mailbox", { signal }));
  const messages = [...(value?.messages ?? [])].sort((a, b) => b.at - a.at);
  return (
    <>
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem.message}</p>
        </Notice>
      )}
      {value === null && problem === null && <p role="status">{texts.loading}</p>}
      {value !== null && <p className="soft small">{words.fresh}</p>}
      {value !== null && messages.length === 0 && (
        <section className="card stack-tight">
          <h2>{words.emptyTitle}</h2>
          <p className="soft">{words.empty}</p>
        </section>
      )}
      <ul className="messages stack" aria-live="polite" aria-relevant="additions">
        {messages.map((message) => (
          <MessageItem key={`${message.at} ${message.to} ${message.text}`} message={message} now={now} />
        ))}
      </ul>
    </>
  );
}

function MessageItem({ message, now }: { message: Message; now: number }): ReactElement {
  const code = mailedCode(message.text);
  return (
    <li className="card stack">
      <div>
        <div className="message-head">
          <h2>{message.subject}</h2>
          <p className="soft small">
            <time dateTime={new Date(message.at).toISOString()}>{dates.short(message.at)}</time> (
            {dates.relative(message.at, Math.max(now, message.at))})
          </p>
        </div>
        <p className="soft">
          {words.to} {message.to}
        </p>
      </div>
      {code !== null && (
        <div className="message-code">
          <code aria-label={words.code}>{code}</code>
          <CopyButton text={code} label={words.copyCode(code)} />
        </div>
      )}
      <p className="message-text">{message.text}</p>
    </li>
  );
}
