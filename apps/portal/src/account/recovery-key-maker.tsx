/**
 * A recovery key, drawn here, printed, and only then put into the chain: a group typed back shows that it is on paper. Until then the
 * one of before stays good, so a printer without paper costs nobody the way back.
 */
import "./account.css";
import { drawRecoveryKey, putRecoveryKey } from "@safeconduct/client";
import { type ReactElement, useState } from "react";
import type { DeviceKeeper, ReadyDevice } from "../device/device-keeper.ts";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { problemOf } from "../elements/problems.ts";
import { dates } from "../elements/words.ts";
import { now, printPage } from "../platform.ts";
import { useSession } from "../portal/session.ts";
import { texts } from "./texts.ts";

const words = texts.recovery;

export interface RecoveryKeyMakerProps {
  readonly ready: ReadyDevice;
  readonly keeper: DeviceKeeper;
  readonly onDone: () => void;
  readonly onStop: () => void;
  readonly stop: string;
}

export function RecoveryKeyMaker({ ready, keeper, onDone, onStop, stop }: RecoveryKeyMakerProps): ReactElement {
  const [recoveryKey] = useState(() => drawRecoveryKey(ready.ports));
  const [typed, setTyped] = useState("");
  const groups = recoveryKey.split("-");
  const { problems, busy, submit } = useSubmission(async () => {
    if (plain(typed) !== groups.at(-1)) return [{ field: "printed-group", message: words.groupWrong }];
    try {
      await keeper.keep(await putRecoveryKey(ready.ports, ready.device, recoveryKey));
      onDone();
      return [];
    } catch (thrown) {
      return [{ field: null, message: problemOf(thrown).message }];
    }
  });
  return (
    <div className="stack">
      <Sheet groups={groups} />
      <div className="row">
        <button type="button" className="button quiet" onClick={printPage}>
          {words.print}
        </button>
      </div>
      <p className="soft small">{words.byHand}</p>
      <form className="stack" noValidate onSubmit={submit}>
        <ErrorSummary problems={problems} />
        <Field
          id="printed-group"
          label={words.group}
          hint={words.groupHint}
          autoComplete="off"
          className="mono"
          value={typed}
          onChange={setTyped}
          problems={problems}
        />
        <div className="row">
          <SubmitButton busy={busy} label={words.confirm} busyLabel={words.confirmBusy} />
          <button type="button" className="button quiet" onClick={onStop}>
            {stop}
          </button>
        </div>
      </form>
    </div>
  );
}

/** As `parsePrintedSecret` reads what people type. */
const plain = (typed: string): string =>
  typed.replaceAll(/[\s-]/gu, "").toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/gu, "1");

/** The one thing that is on the paper. */
function Sheet({ groups }: { groups: readonly string[] }): ReactElement {
  const { session } = useSession();
  const [madeAt] = useState(now);
  const who = session.state === "in" ? session.who : null;
  return (
    <section className="print-sheet stack-tight" aria-labelledby="sheet-title">
      <p id="sheet-title">
        <b>{words.sheetTitle(who?.organisation.name ?? "")}</b>
      </p>
      <p>{words.sheetWho(who?.member.name ?? "", location.host, dates.short(madeAt))}</p>
      <p className="recovery-groups">
        {groups.map((group) => (
          <span key={group}>{group}</span>
        ))}
      </p>
      <p>{words.sheetFor}</p>
      <p>{words.sheetKeep}</p>
    </section>
  );
}
