/** This browser as a sending device, for pages: `useSendingDevice()`. Its state is shared by all that ask, in this tab and others. */
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { parseId } from "@safeconduct/foundation";
import { useContext, useEffect, useSyncExternalStore } from "react";
import { problemOf } from "../elements/problems.ts";
import { network, now, wait } from "../platform.ts";
import { server } from "../portal/server.ts";
import { leaveIfSignedOut, useSession } from "../portal/session.ts";
import { browserShelf } from "./browser-shelf.ts";
import { DeviceKeeper, type DeviceState, type KeeperPorts } from "./device-keeper.ts";
import { type DeviceSlot, DeviceSlotContext } from "./device-slot.ts";

export interface SendingDeviceView {
  readonly now: DeviceState;
  readonly keeper: DeviceKeeper;
}

/** Only on pages for members: somebody is signed in. */
export function useSendingDevice(): SendingDeviceView {
  const kept = useSession();
  const { session } = kept;
  const slot = useContext(DeviceSlotContext);
  if (slot === null || session.state !== "in") throw new Error("no member on this page");
  const keeper = keeperFor(slot, session.who);
  const state = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  useEffect(() => {
    const seen = (): void => {
      if (!document.hidden) void keeper.refresh();
    };
    void keeper.refresh();
    // Somebody comes back from another window: the device may have been let in or removed there.
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [keeper]);
  useEffect(() => {
    if (state.state === "failed") leaveIfSignedOut(kept, state.problem);
  });
  return { now: state, keeper };
}

type Who = Extract<ReturnType<typeof useSession>["session"], { state: "in" }>["who"];

function keeperFor(slot: DeviceSlot, who: Who): DeviceKeeper {
  const member = parseId("member", who.member.id);
  const organisation = parseId("organisation", who.organisation.id);
  if (member === null || organisation === null) throw new Error("the server's answer names nobody");
  if (slot.keeper?.member !== member) {
    slot.keeper?.close();
    slot.keeper = new DeviceKeeper({ organisation, member, loadPorts, problemOf });
  }
  return slot.keeper;
}

async function loadPorts(): Promise<KeeperPorts> {
  const crypto = await loadWebCrypto();
  return { shelf: browserShelf(crypto.random), client: { crypto, api: server, fetch: network, wait }, now };
}
