/**
 * A word to whoever sends with nothing but this browser: if it is lost or cleared, nobody can make a fresh link or add a recipient to
 * what was sent. It stays out of the way: a look that fails says nothing, and whoever waves it away sees it again with the next load.
 */
import { type ReactElement, useEffect, useState } from "react";
import { readDevices } from "../account/device-list.ts";
import type { ReadyDevice } from "../device/device-keeper.ts";
import { Notice } from "../elements/notice.tsx";
import { texts } from "./texts.ts";

const words = texts.reminder;
let wavedAway = false;

export function RecoveryReminder({ ready: { ports, device } }: { ready: ReadyDevice }): ReactElement | null {
  const [isAlone, setAlone] = useState(false);
  useEffect(() => {
    let stopped = false;
    if (wavedAway) return undefined;
    readDevices(ports, device).then(
      ({ devices }) => !stopped && setAlone(devices.every(({ isThis, isRemoved }) => isThis || isRemoved)),
      () => undefined,
    );
    return () => {
      stopped = true;
    };
  }, [ports, device]);
  if (!isAlone) return null;
  return (
    <Notice tone="note">
      <p>{words.body}</p>
      <div className="row">
        <a className="button quiet small" href="/account">
          {words.print}
        </a>
        <button
          type="button"
          className="text-button"
          onClick={() => {
            wavedAway = true;
            setAlone(false);
            document.querySelector("h1")?.focus();
          }}
        >
          {words.later}
        </button>
      </div>
    </Notice>
  );
}
