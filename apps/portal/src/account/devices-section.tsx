/** Who holds the member's keys: browsers and programs, listed, let in and removed; and the recovery key on paper. */
import { approveDevice, removeDevice } from "@safeconduct/client";
import { type Problem, parseId } from "@safeconduct/foundation";
import { type ReactElement, useState } from "react";
import { DeviceGate } from "../device/device-gate.tsx";
import type { DeviceKeeper, ReadyDevice } from "../device/device-keeper.ts";
import { useNow } from "../elements/clock.ts";
import { ErrorSummary, Field, SubmitButton, useSubmission } from "../elements/form.tsx";
import { Notice } from "../elements/notice.tsx";
import { problemOf } from "../elements/problems.ts";
import { texts as shared } from "../elements/texts.ts";
import { Row, Rows } from "../elements/rows.tsx";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import { useFresh } from "../portal/fresh.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { type DeviceList, type ListedDevice, readDevices } from "./device-list.ts";
import { RecoveryPanel } from "./recovery-panel.tsx";
import { texts } from "./texts.ts";

const words = texts.devices;
const NOW_EVERY_MS = 20_000;
const CODE_CHARACTERS = 24;

export function DevicesSection(): ReactElement {
  return (
    <section className="stack" aria-labelledby="devices-title">
      <h2 id="devices-title">{words.title}</h2>
      <p>{words.intro}</p>
      <DeviceGate>{(ready, keeper) => <Keys ready={ready} keeper={keeper} />}</DeviceGate>
    </section>
  );
}

function Keys({ ready, keeper }: { ready: ReadyDevice; keeper: DeviceKeeper }): ReactElement {
  const session = useSession();
  const [leaving, setLeaving] = useState<ListedDevice | null>(null);
  const [announced, setAnnounced] = useState("");
  const list = useFresh(() => readDevices(ready.ports, ready.device), { onProblem: dealtWith });

  function dealtWith(problem: Problem): boolean {
    if (leaveIfSignedOut(session, problem)) return true;
    if (!["client/device-removed", "client/other-devices"].includes(problem.code)) return false;
    // The gate says it.
    void keeper.refresh();
    return true;
  }

  async function remove({ id, name }: ListedDevice): Promise<void> {
    const device = parseId("device", id);
    if (device === null) throw new Error("a listed device has an id");
    const changed = await removeDevice(ready.ports, ready.device, device);
    await keeper.keep(changed.device);
    list.readNow();
    setAnnounced(words.removedAnnounced(name));
  }

  /** Answers the name of who is in now. */
  async function letIn(code: string): Promise<string> {
    const { device, result } = await approveDevice(ready.ports, ready.device, code);
    await keeper.keep(device);
    list.readNow();
    return result.name;
  }

  return (
    <>
      {!ready.lasts && (
        <Notice tone="note">
          <p>{words.mayBeCleared}</p>
        </Notice>
      )}
      <p className="visually-hidden" role="status">
        {announced}
      </p>
      <div className="card stack">
        {list.problem !== null && (
          <Notice tone="bad">
            <p>{list.problem.message}</p>
            {list.value !== null && <p className="soft">{words.stale}</p>}
            <button type="button" className="button quiet small" onClick={list.readNow}>
              {shared.tryAgain}
            </button>
          </Notice>
        )}
        {list.value === null && list.problem === null && <p role="status">{words.loading}</p>}
        {list.value !== null && <Lists list={list.value} onRemove={setLeaving} />}
      </div>
      <LetIn waiting={list.value?.waiting ?? []} letIn={letIn} />
      {list.value !== null && (
        <section className="stack" aria-labelledby="recovery-title" id="recovery-key">
          <h2 id="recovery-title">{texts.recovery.title}</h2>
          <p>{texts.recovery.intro}</p>
          <RecoveryPanel ready={ready} keeper={keeper} held={recoveryKeyIn(list.value)} onChange={list.readNow} />
        </section>
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={words.removeTitle(leaving.name)}
          action={words.removeNow}
          actionBusy={words.removing}
          onConfirm={() => remove(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>{words.removeBody}</p>
          <p className="soft">{words.removeToken}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Lists({
  list: { devices },
  onRemove,
}: {
  list: DeviceList;
  onRemove: (device: ListedDevice) => void;
}): ReactElement {
  // The recovery key has a section of its own.
  const holders = devices.filter(({ kind }) => kind !== "recovery");
  const removed = holders.filter(({ isRemoved }) => isRemoved);
  return (
    <>
      <Rows>
        {holders
          .filter(({ isRemoved }) => !isRemoved)
          .map((device) => (
            <Row
              key={device.id}
              name={device.name}
              tags={
                <>
                  {device.isThis && <span className="tag">{words.thisOne}</span>}
                  {device.kind !== "device" && <span className="tag plain">{words.kinds[device.kind]}</span>}
                </>
              }
              facts={addedWords(device)}
              onRemove={device.isThis ? undefined : () => onRemove(device)}
              removeWords={{ text: words.remove, label: words.removeLabel(device.name) }}
            />
          ))}
      </Rows>
      {removed.length > 0 && (
        <details>
          <summary>{words.removedList(removed.length)}</summary>
          <Rows>
            {removed.map((device) => (
              <Row
                key={device.id}
                name={device.name}
                facts={words.removedAt(when(device.addedAt), when(device.removedAt))}
              />
            ))}
          </Rows>
        </details>
      )}
    </>
  );
}

const recoveryKeyIn = ({ devices }: DeviceList): ListedDevice | null =>
  devices.find(({ kind, isRemoved }) => kind === "recovery" && !isRemoved) ?? null;

const when = (at: number | null): string => (at === null ? "–" : dates.short(at));

function addedWords({ addedAt, isFirst, letInBy }: ListedDevice): string {
  if (isFirst) return words.addedFirst(when(addedAt));
  return letInBy === null ? words.added(when(addedAt)) : words.addedBy(when(addedAt), letInBy);
}

function LetIn({
  waiting,
  letIn,
}: {
  waiting: DeviceList["waiting"];
  letIn: (code: string) => Promise<string>;
}): ReactElement {
  const now = useNow(NOW_EVERY_MS);
  const [code, setCode] = useState("");
  const [done, setDone] = useState<string | null>(null);
  const { problems, busy, submit } = useSubmission(async () => {
    if (code.replaceAll(/[\s-]/gu, "").length < CODE_CHARACTERS)
      return [{ field: "pairing-code", message: words.codeMissing }];
    setDone(null);
    try {
      setDone(await letIn(code));
      setCode("");
      return [];
    } catch (thrown) {
      return [{ field: "pairing-code", message: problemOf(thrown).message }];
    }
  });
  return (
    <form className="card stack" noValidate onSubmit={submit} aria-labelledby="let-in-title">
      <h3 id="let-in-title">{words.letIn}</h3>
      <ErrorSummary problems={problems} />
      <div role="status">
        {done !== null && (
          <Notice tone="good">
            <p>{words.letInDone(done)}</p>
          </Notice>
        )}
      </div>
      {waiting.map(({ id, name, since }) => (
        <Notice key={id} tone="note">
          <p>{words.waiting(name, dates.relative(since, Math.max(now, since)))}</p>
        </Notice>
      ))}
      <p>{words.letInIntro}</p>
      <Field
        id="pairing-code"
        label={words.code}
        hint={words.codeHint}
        autoComplete="off"
        className="mono"
        value={code}
        onChange={setCode}
        problems={problems}
      />
      {waiting.length > 0 && <p className="soft small">{words.notYours}</p>}
      <SubmitButton busy={busy} label={words.letIn} busyLabel={words.letInBusy} />
    </form>
  );
}
