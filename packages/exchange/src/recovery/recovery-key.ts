/** The organisation's recovery key: set by a member's device, shown to every device that sends. */
import { statementHash, verifyRecoveryKey } from "@safeconduct/envelope";
import { type Bytes, type DeviceId, equalBytes, type Sha256, type Signatures } from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import { ownDevice } from "../devices/own-device.ts";
import type { Perform } from "../ledger/performer.ts";
import type { DeviceRecord, RecoveryKeyRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { recoveryProblem } from "./errors.ts";

/** The same again is the same. Problems: `device/unknown`, `device/removed`, `device/bad-signature`, `recovery/key-moved`. */
export async function setRecoveryKey(
  { store, perform, signatures, sha256 }: { store: Store; perform: Perform; signatures: Signatures; sha256: Sha256 },
  caller: MemberCaller,
  { device: id, statement, signature }: { device: DeviceId; statement: Bytes; signature: Bytes },
): Promise<void> {
  const { organisation, member } = caller;
  const { signingPublicKey } = await store.read((view) => ownDevice(view, caller, id));
  const said = await verifyRecoveryKey({ signatures }, { statement, signature, signingPublicKey });
  if (said?.organisation !== organisation || said.member !== member || said.device !== id)
    throw deviceProblem("device/bad-signature");
  await perform(async (tx, createdAt) => {
    await ownDevice(tx, caller, id);
    const current = await tx.recoveryKeyOf(organisation);
    if (current !== null && equalBytes(current.statement, statement)) return { entries: [], value: undefined };
    const { generation } = said;
    if (generation !== (current?.generation ?? 0) + 1) throw recoveryProblem("recovery/key-moved");
    await tx.addRecoveryKey({ organisation, generation, device: id, statement, signature, createdAt });
    const entry = {
      type: "organisation/recovery-key-set",
      actor: { kind: "member", id: member },
      organisation,
      payloadHash: statementHash(sha256, statement),
      detail: { device: id, generation },
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/** The newest, with the device that signed it; null while there is none. */
export function showRecoveryKey(
  { store }: { store: Store },
  { organisation }: MemberCaller,
): Promise<(RecoveryKeyRecord & { readonly signer: DeviceRecord }) | null> {
  return store.read(async (view) => {
    const key = await view.recoveryKeyOf(organisation);
    const signer = key && (await view.findDevice(key.device));
    return key && signer && { ...key, signer };
  });
}
