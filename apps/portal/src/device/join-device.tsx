/** Ways in for a browser of a member who has devices: a code typed on another one, the printed recovery key, or beginning anew. */
import { displayName } from "@safeconduct/contract";
import { type ReactElement, useEffect, useState } from "react";
import { useNow } from "../elements/clock.ts";
import { Copyable } from "../elements/copyable.tsx";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { type FieldProblem, problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { every } from "../platform.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import type { DeviceKeeper, PairingCode } from "./device-keeper.ts";
import { DEVICE_NAME_LENGTH, isDeviceName, ownName } from "./first-device.tsx";
import { texts } from "./texts.ts";

/** For the quarter of an hour that a code lives, whether or not somebody sits at this screen: they are at the other one. */
const ASK_EVERY_MS = 2_000;
const APPROVE = "npx safeconduct device approve";
const RECOVERY_CHARACTERS = 40;

export function JoinDevice({ keeper, code }: { keeper: DeviceKeeper; code: PairingCode | null }): ReactElement {
  const now = useNow(ASK_EVERY_MS);
  const [until, setUntil] = useState<number | null>(null);
  if (code !== null && code.until !== until) setUntil(code.until);
  return (
    <div className="stack">
      {code === null && until !== null && now >= until && (
        <Notice tone="note">
          <p role="status">{texts.codeOver}</p>
        </Notice>
      )}
      {code === null ? <AskForm keeper={keeper} /> : <Code keeper={keeper} code={code} />}
      <details>
        <summary>{texts.recoveryChoice}</summary>
        <RecoveryForm keeper={keeper} />
      </details>
      <details>
        <summary>{texts.lostChoice}</summary>
        <StartOver keeper={keeper} />
      </details>
    </div>
  );
}

function AskForm({ keeper }: { keeper: DeviceKeeper }): ReactElement {
  const [name, setName] = useState(ownName);
  const { problems, busy, submit } = useSubmission(async () => {
    if (!isDeviceName(name)) return [{ field: "device-name", message: texts.nameWrong }];
    return wrongIn(() => keeper.ask(displayName(DEVICE_NAME_LENGTH).parse(name)));
  });
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <p>{texts.joinBody}</p>
      <Field
        id="device-name"
        label={texts.name}
        hint={texts.nameHint}
        autoComplete="off"
        value={name}
        onChange={setName}
        problems={problems}
      />
      <SubmitButton busy={busy} label={texts.ask} busyLabel={texts.askBusy} />
    </form>
  );
}

function Code({ keeper, code }: { keeper: DeviceKeeper; code: PairingCode }): ReactElement {
  const now = useNow(ASK_EVERY_MS);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let asking = false;
    return every(ASK_EVERY_MS, () => {
      if (asking) return;
      asking = true;
      keeper
        .poll()
        .then(() => setProblem(null))
        .catch((thrown: unknown) => setProblem(problemOf(thrown).message))
        .finally(() => {
          asking = false;
        });
    });
  }, [keeper]);
  return (
    <section className="stack" aria-labelledby="pairing-title">
      <h3 id="pairing-title">{texts.codeTitle}</h3>
      <p className="pairing-code">
        <span className="visually-hidden">{texts.codeSpoken(code.printed)}</span>
        <span aria-hidden="true">
          {code.printed.split("-").map((group) => (
            <span key={group}>{group}</span>
          ))}
        </span>
      </p>
      <p className="soft small">
        {texts.codeUntil(dates.short(code.until), dates.relative(code.until, Math.min(now, code.until)))}
      </p>
      <p>{texts.codeWhere}</p>
      <p>{texts.codeCommand}</p>
      <Copyable text={APPROVE} label={texts.copyCommand} />
      <p role="status">{texts.codeSecret}</p>
      {problem !== null && (
        <Notice tone="bad">
          <p>{problem}</p>
        </Notice>
      )}
      <button type="button" className="button quiet" onClick={() => void keeper.forget()}>
        {texts.codeStop}
      </button>
    </section>
  );
}

function RecoveryForm({ keeper }: { keeper: DeviceKeeper }): ReactElement {
  const [typed, setTyped] = useState("");
  const { problems, busy, submit } = useSubmission(async () => {
    if (typed.replaceAll(/[\s-]/gu, "").length < RECOVERY_CHARACTERS)
      return [{ field: "recovery-key", message: texts.recoveryMissing }];
    return wrongIn(() => keeper.recover(ownName(), typed), "recovery-key");
  });
  return (
    <form className="stack inset" noValidate onSubmit={submit}>
      <ErrorSummary problems={problems} />
      <p>{texts.recoveryBody}</p>
      <Field
        id="recovery-key"
        label={texts.recoveryKey}
        hint={texts.recoveryHint}
        autoComplete="off"
        className="mono"
        value={typed}
        onChange={setTyped}
        problems={problems}
      />
      <SubmitButton busy={busy} label={texts.recover} busyLabel={texts.recoverBusy} />
    </form>
  );
}

function StartOver({ keeper }: { keeper: DeviceKeeper }): ReactElement {
  const [asking, setAsking] = useState(false);
  return (
    <div className="stack inset">
      <p>{texts.lostBody}</p>
      <button type="button" className="button quiet bad" onClick={() => setAsking(true)}>
        {texts.startOver}
      </button>
      {asking && (
        <ConfirmDialog
          title={texts.startOverTitle}
          action={texts.startOverNow}
          actionBusy={texts.startOverBusy}
          onConfirm={() => keeper.begin(ownName(), { startOver: true })}
          onClose={() => setAsking(false)}
        >
          <p>{texts.startOverConfirm}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** Nothing when `act` succeeds, else what it says, beside `field`. */
async function wrongIn(act: () => Promise<void>, field: string | null = null): Promise<readonly FieldProblem[]> {
  try {
    await act();
    return [];
  } catch (thrown) {
    return [{ field, message: problemOf(thrown).message }];
  }
}
