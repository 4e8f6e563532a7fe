/** On the account page: passkeys to sign in with. Adding and removing takes a fresh proof of who is there, asked for when it is needed. */
import { displayName, LIMITS } from "@safeconduct/contract";
import { type ReactElement, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { makePasskey, passkeysAreKnown } from "../elements/passkey-device.ts";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { Row, Rows } from "../elements/rows.tsx";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import type { Fresh } from "../portal/fresh.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { texts as portal } from "../portal/texts.ts";
import { useProof } from "./proof-dialog.tsx";
import { texts } from "./sign-in-texts.ts";

const words = texts.passkeys;
const NOW_EVERY_MS = 20_000;

export type ListedPasskey = Awaited<ReturnType<typeof server.call<"listMemberPasskeys">>>["passkeys"][number];

export function PasskeysSection({ list }: { list: Fresh<readonly ListedPasskey[]> }): ReactElement {
  const [removing, setRemoving] = useState<ListedPasskey | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const passkeys = list.value ?? [];
  const { proven, dialog } = useProof(passkeys.length > 0);

  async function remove(passkey: ListedPasskey): Promise<void> {
    await server.call("removeMemberPasskey", { path: { passkey: passkey.id } });
    setDone(words.removed(passkey.name));
    list.readNow();
  }

  return (
    <section className="stack" aria-labelledby="passkeys-title">
      <h2 id="passkeys-title">{words.title}</h2>
      <p>{words.intro}</p>
      <div className="card stack">
        {list.problem !== null && (
          <Notice tone="bad">
            <p>{list.problem.message}</p>
            <button type="button" className="button quiet small" onClick={list.readNow}>
              {shared.tryAgain}
            </button>
          </Notice>
        )}
        {list.value === null && list.problem === null && <p role="status">{portal.loading}</p>}
        {list.value?.length === 0 && <p>{words.none}</p>}
        {passkeys.length > 0 && <PasskeyList passkeys={passkeys} onRemove={setRemoving} />}
        <div role="status">
          {done !== null && (
            <Notice tone="good">
              <p>{done}</p>
            </Notice>
          )}
        </div>
        {passkeysAreKnown() ? (
          <NewPasskey
            proven={proven}
            onAdded={(name) => {
              setDone(words.added(name));
              list.readNow();
            }}
          />
        ) : (
          <p className="soft">{words.unknownHere}</p>
        )}
      </div>
      {removing !== null && (
        <ConfirmDialog
          title={words.confirmTitle(removing.name)}
          action={words.removeNow}
          actionBusy={words.removing}
          onConfirm={async () => ((await proven(() => remove(removing))) ? undefined : false)}
          onClose={() => setRemoving(null)}
        >
          <p>{words.confirm}</p>
          <p className="soft">{words.confirmDevice}</p>
        </ConfirmDialog>
      )}
      {dialog}
    </section>
  );
}

function PasskeyList({
  passkeys,
  onRemove,
}: {
  passkeys: readonly ListedPasskey[];
  onRemove: (passkey: ListedPasskey) => void;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  return (
    <Rows>
      {passkeys.map((passkey) => (
        <Row
          key={passkey.id}
          name={passkey.name}
          facts={`${words.since(dates.short(passkey.createdAt))} · ${
            passkey.lastUsedAt === null
              ? words.unused
              : words.used(dates.relative(passkey.lastUsedAt, Math.max(now, passkey.lastUsedAt)))
          }`}
          onRemove={() => onRemove(passkey)}
          removeWords={{ text: words.remove, label: words.removeLabel(passkey.name) }}
        />
      ))}
    </Rows>
  );
}

function NewPasskey({
  proven,
  onAdded,
}: {
  proven: (work: () => Promise<void>) => Promise<boolean>;
  onAdded: (name: string) => void;
}): ReactElement {
  const keeper = useSession();
  const [name, setName] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (!displayName(LIMITS.passkeyNameLength).safeParse(name).success)
      return [{ field: "passkey-name", message: words.nameWrong }];
    try {
      let failure: readonly FieldProblem[] = [];
      const isProven = await proven(async () => {
        const asked = await server.call("beginMemberPasskey");
        const outcome = await makePasskey({
          ...asked,
          name: asked.address,
          displayName: `${asked.name}, ${asked.organisation}`,
        });
        if (typeof outcome === "string") failure = [{ field: null, message: words.failures[outcome] }];
        else await server.call("addMemberPasskey", { body: { name, ...outcome } });
      });
      if (!isProven || failure.length > 0) return failure;
      onAdded(name.trim());
      setName("");
      return [];
    } catch (thrown) {
      const problem = problemOf(thrown);
      return leaveIfSignedOut(keeper, problem) ? [] : [{ field: null, message: problem.message }];
    }
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <Field
        id="passkey-name"
        label={words.name}
        hint={words.nameHint}
        autoComplete="off"
        value={name}
        onChange={setName}
        problems={problems}
      />
      <SubmitButton busy={busy} label={words.add} busyLabel={words.adding} />
    </form>
  );
}
