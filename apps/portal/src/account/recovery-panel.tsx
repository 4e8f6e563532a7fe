/** Whether the member has a recovery key on paper, and the way to a new one. */
import { type ReactElement, useState } from "react";
import type { DeviceKeeper, ReadyDevice } from "../device/device-keeper.ts";
import { Notice } from "../elements/notice.tsx";
import { dates } from "../elements/words.ts";
import type { ListedDevice } from "./device-list.ts";
import { RecoveryKeyMaker } from "./recovery-key-maker.tsx";
import { texts } from "./texts.ts";

const words = texts.recovery;

/** `held`: the recovery key that counts; null for none. */
export function RecoveryPanel({
  ready,
  keeper,
  held,
  onChange,
}: {
  ready: ReadyDevice;
  keeper: DeviceKeeper;
  held: ListedDevice | null;
  onChange: () => void;
}): ReactElement {
  const [making, setMaking] = useState(false);
  const [done, setDone] = useState(false);
  return (
    <div className="card stack">
      <div role="status">
        {done && (
          <Notice tone="good">
            <p>{words.done}</p>
          </Notice>
        )}
      </div>
      {held === null && !done && (
        <Notice tone="warn">
          <p>{words.none}</p>
        </Notice>
      )}
      {held !== null && (
        <p>{words.held(held.addedAt === null ? "–" : dates.short(held.addedAt), held.letInBy ?? "–")}</p>
      )}
      {making ? (
        <>
          {held !== null && <p>{words.replaces}</p>}
          <RecoveryKeyMaker
            ready={ready}
            keeper={keeper}
            stop={words.stop}
            onStop={() => setMaking(false)}
            onDone={() => {
              setMaking(false);
              setDone(true);
              onChange();
            }}
          />
        </>
      ) : (
        <button
          type="button"
          className={held === null ? "button" : "button quiet"}
          onClick={() => {
            setDone(false);
            setMaking(true);
          }}
        >
          {held === null ? words.make : words.makeAnother}
        </button>
      )}
    </div>
  );
}
