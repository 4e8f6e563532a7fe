/**
 * Where the device of this browser stays while pages come and go. The part that every page loads knows no more than this; keeper,
 * cryptography and storage come with the first page that needs a device.
 */
import { createContext } from "react";
import type { DeviceKeeper } from "./device-keeper.ts";

export interface DeviceSlot {
  keeper: DeviceKeeper | null;
}

export const DeviceSlotContext = createContext<DeviceSlot | null>(null);

/** Nothing of a device stays in memory after its member has left. */
export function emptySlot(slot: DeviceSlot): void {
  slot.keeper?.close();
  slot.keeper = null;
}
