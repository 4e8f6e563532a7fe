/** A member's device makes its keys and enrols their public halves; the keys are bound to a ledger leaf. */
import { LIMITS } from "@safeconduct/contract";
import { type Bytes, concatBytes, type DeviceId, equalBytes, type Sha256 } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import type { Perform } from "../ledger/performer.ts";
import type { DeviceRecord } from "../records.ts";
import { deviceProblem } from "./errors.ts";

interface DeviceKeys {
  readonly device: DeviceId;
  readonly name: string;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
  readonly memberPublicKey: Bytes;
  readonly wrappedMemberKey: Bytes;
}

/** The same keys again succeed. Problems: `device/conflict` for other keys under that id, `device/too-many`. */
export function enrolDevice(
  { perform, sha256 }: { perform: Perform; sha256: Sha256 },
  caller: MemberCaller,
  { device, ...keys }: DeviceKeys,
): Promise<DeviceRecord> {
  return perform(async (tx, now) => {
    const known = await tx.findDevice(device);
    if (known !== null) {
      if (
        known.member !== caller.member ||
        !equalBytes(known.signingPublicKey, keys.signingPublicKey) ||
        !equalBytes(known.hpkePublicKey, keys.hpkePublicKey) ||
        !equalBytes(known.memberPublicKey, keys.memberPublicKey)
      ) {
        throw deviceProblem("device/conflict");
      }
      return { entries: [], value: known };
    }
    if ((await tx.deviceCount(caller.member)) >= LIMITS.devicesPerMember) throw deviceProblem("device/too-many");
    const record: DeviceRecord = {
      id: device,
      member: caller.member,
      organisation: caller.organisation,
      createdAt: now,
      ...keys,
    };
    await tx.addDevice(record);
    const entry = {
      type: "device/enrolled",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      detail: { device },
      payloadHash: sha256(concatBytes(keys.signingPublicKey, keys.hpkePublicKey, keys.memberPublicKey)),
    } as const;
    return { entries: [entry], value: record };
  });
}
