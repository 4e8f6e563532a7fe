/** A new device asks to be let in. Nothing follows from it until a device that is in signs it in. */
import { type Bytes, type DeviceId, equalBytes } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import { deviceProblem } from "./errors.ts";

/** The pairing code stands on a screen for this long. */
export const REQUEST_LIFE_MS = 15 * 60 * 1000;
/** Requests of one member within that time. */
export const REQUESTS_PER_MEMBER = 5;

/** The same again is the same. Problems: `device/conflict`, `device/too-many-requests`. */
export function requestDevice(
  { perform }: { perform: Perform },
  caller: MemberCaller,
  { device, ...keys }: { device: DeviceId; name: string; signingPublicKey: Bytes; hpkePublicKey: Bytes; proof: Bytes },
): Promise<void> {
  return perform(async (tx, now) => {
    await tx.forgetDeviceRequests(now - REQUEST_LIFE_MS);
    const requests = await tx.deviceRequestsOf(caller.member);
    const known = requests.find(({ id }) => id === device);
    if (known !== undefined) {
      if (!equalBytes(known.proof, keys.proof)) throw deviceProblem("device/conflict");
      return { entries: [], value: undefined };
    }
    if (requests.length >= REQUESTS_PER_MEMBER) throw deviceProblem("device/too-many-requests");
    if ((await tx.findDevice(device)) !== null) throw deviceProblem("device/conflict");
    await tx.addDeviceRequest({ id: device, member: caller.member, ...keys, approval: null, createdAt: now });
    const { member: id, organisation } = caller;
    return {
      entries: [{ type: "device/requested", actor: { kind: "member", id }, organisation, detail: { device } }],
      value: undefined,
    };
  });
}
