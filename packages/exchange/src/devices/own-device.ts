/** The device that a member says they act with. */
import type { DeviceId } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { DeviceRecord } from "../records.ts";
import type { View } from "../store.ts";
import { deviceProblem } from "./errors.ts";

/** Problems: `device/unknown` (also a colleague's, and a recovery key, which only lets devices in), `device/removed`. */
export async function ownDevice(view: View, caller: MemberCaller, id: DeviceId): Promise<DeviceRecord> {
  const device = await view.findDevice(id);
  if (device?.member !== caller.member || device.kind === "recovery") throw deviceProblem("device/unknown");
  if (device.removedAt !== null) throw deviceProblem("device/removed");
  return device;
}
