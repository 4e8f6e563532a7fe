/** API tokens of the member: made, shown once, revoked. */
import { displayName } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { Copyable } from "../elements/copyable.tsx";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { PageHeading } from "../elements/page.tsx";
import { fieldProblem, problemOf } from "../elements/problems.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { useFresh } from "./fresh.ts";
import { server } from "./server.ts";
import { leaveIfSignedOut, useSession } from "./session.ts";
import { texts } from "./texts.ts";
import { Row, Rows } from "../elements/rows.tsx";
import { dates } from "../elements/words.ts";

const words = texts.tokens;
const NOW_EVERY_MS = 20_000;
const NAME_MAX_LENGTH = 60;

type Created = Awaited<ReturnType<typeof server.call<"createToken">>>;
type Token = Awaited<ReturnType<typeof server.call<"listTokens">>>["tokens"][number];

export function TokensPage({ first }: { first: boolean }): ReactElement {
  const keeper = useSession();
  const [created, setCreated] = useState<Created | null>(null);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const list = useFresh((signal) => server.call("listTokens", { signal }), {
    onProblem: (problem) => leaveIfSignedOut(keeper, problem),
  });

  async function revoke(token: Token): Promise<void> {
    await server.call("revokeToken", { path: { token: token.id } });
    if (created?.id === token.id) setCreated(null);
    list.readNow();
  }

  return (
    <div className="stack">
      <PageHeading heading={words.title} first={first} />
      <p className="soft">{words.intro}</p>
      {created === null ? (
        <NewToken
          onCreated={(token) => {
            setCreated(token);
            list.readNow();
          }}
        />
      ) : (
        <section className="card stack" role="status">
          <h2>{words.createdHeading(created.name)}</h2>
          <p>{words.once}</p>
          <Copyable text={created.token} label={words.copy} />
          <p className="soft small">{words.use}</p>
          <Copyable text={texts.commands.login(location.origin)} label={texts.commands.copyLogin} />
          <button type="button" className="button" onClick={() => setCreated(null)}>
            {words.done}
          </button>
        </section>
      )}
      {list.problem !== null && (
        <Notice tone="bad">
          <p>{list.problem.message}</p>
        </Notice>
      )}
      <section className="card stack-tight">
        <h2>{words.listHeading}</h2>
        {list.value === null && list.problem === null && <p role="status">{texts.loading}</p>}
        {list.value?.tokens.length === 0 && <p className="soft">{words.none}</p>}
        <TokenList tokens={list.value?.tokens ?? []} onRevoke={setLeaving} />
      </section>
      {leaving !== null && (
        <ConfirmDialog
          title={words.confirmTitle(leaving.name)}
          action={words.revokeNow}
          actionBusy={words.revoking}
          onConfirm={() => revoke(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{words.confirm}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function NewToken({ onCreated }: { onCreated: (created: Created) => void }): ReactElement {
  const keeper = useSession();
  const [name, setName] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!displayName(NAME_MAX_LENGTH).safeParse(name).success)
      return [{ field: "token-name", message: words.nameWrong }];
    try {
      onCreated(await server.call("createToken", { body: { name } }));
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      return leaveIfSignedOut(keeper, problem) ? [] : [fieldProblem(problem, { "/name": "token-name" })];
    }
  });
  return (
    <form className="card stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <div className="token-form">
        <Field
          id="token-name"
          label={words.name}
          hint={words.nameHint}
          autoComplete="off"
          value={name}
          onChange={setName}
          problems={problems}
        />
        <SubmitButton busy={busy} label={words.create} busyLabel={words.creating} />
      </div>
    </form>
  );
}

function TokenList({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  return (
    <Rows>
      {tokens.map((token) => (
        <Row
          key={token.id}
          name={token.name}
          facts={`${words.made(dates.short(token.createdAt))} · ${
            token.lastUsedAt === null
              ? words.unused
              : words.used(dates.relative(token.lastUsedAt, Math.max(now, token.lastUsedAt)))
          }`}
          onRemove={() => onRevoke(token)}
          removeWords={{ text: words.revoke, label: words.revokeLabel(token.name) }}
        />
      ))}
    </Rows>
  );
}
