/**
 * Wrapped round what needs a device. Where this browser is one, `children` is drawn; else it is said in plain words why not, and the
 * way in stands there. The page goes on by itself when the browser is in.
 */
import "./device.css";
import { type ReactElement, type ReactNode, useState } from "react";
import { Notice } from "../elements/notice.tsx";
import { dates } from "../elements/words.ts";
import { ConfirmDialog } from "../portal/confirm-dialog.tsx";
import type { DeviceKeeper, DeviceState, ReadyDevice } from "./device-keeper.ts";
import { FirstDeviceForm } from "./first-device.tsx";
import { JoinDevice } from "./join-device.tsx";
import { useSendingDevice } from "./sending-device.ts";
import { texts } from "./texts.ts";

export function DeviceGate({
  children,
}: {
  children: (ready: ReadyDevice, keeper: DeviceKeeper) => ReactNode;
}): ReactNode {
  const { now, keeper } = useSendingDevice();
  if (now.state === "ready") return children(now, keeper);
  if (now.state === "loading") return <p role="status">{texts.loading}</p>;
  return (
    <section className="card stack device-gate" aria-labelledby="device-gate-title">
      <WayIn now={now} keeper={keeper} />
    </section>
  );
}

function WayIn({
  now,
  keeper,
}: {
  now: Exclude<DeviceState, { state: "ready" | "loading" }>;
  keeper: DeviceKeeper;
}): ReactElement {
  const title = <h2 id="device-gate-title">{titleOf(now)}</h2>;
  if (now.state === "failed") return <Failed title={title} now={now} keeper={keeper} />;
  if (now.state === "none" && now.first)
    return (
      <>
        {title}
        <FirstDeviceForm keeper={keeper} />
      </>
    );
  return (
    <>
      {title}
      {now.state === "removed" && (
        <Notice tone="warn">
          <p>{texts.removed(now.name, dates.short(now.at))}</p>
          <p>{texts.removedNotYou}</p>
        </Notice>
      )}
      <JoinDevice keeper={keeper} code={now.code} />
    </>
  );
}

function titleOf(now: DeviceState): string {
  if (now.state === "failed") return texts.failedTitle;
  if (now.state === "removed") return texts.removedTitle;
  return now.state === "none" && now.first ? texts.firstTitle : texts.joinTitle;
}

function Failed({
  title,
  now,
  keeper,
}: {
  title: ReactElement;
  now: Extract<DeviceState, { state: "failed" }>;
  keeper: DeviceKeeper;
}): ReactElement {
  const [asking, setAsking] = useState(false);
  return (
    <>
      {title}
      <Notice tone="bad">
        <p>{now.problem.message}</p>
      </Notice>
      <div className="row">
        <button type="button" className="button" onClick={() => void keeper.refresh()}>
          {texts.tryAgain}
        </button>
        {now.canForget && (
          <button type="button" className="button quiet bad" onClick={() => setAsking(true)}>
            {texts.forget}
          </button>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={texts.forgetTitle}
          action={texts.forgetNow}
          actionBusy={texts.forgetBusy}
          onConfirm={() => keeper.forget()}
          onClose={() => setAsking(false)}
        >
          <p>{texts.forgetBody}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
