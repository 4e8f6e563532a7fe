/**
 * Two people bring a transfer back whose sender has lost every device: one asks, another approves. Each signs with a device that is
 * in, and both acts are entries of the transfer. What is asked for is one release, within a day.
 */
import type { MemberRoute } from "@safeconduct/contract";
import { type MemberRequest, recoveryContent, verifyMemberRequest } from "@safeconduct/envelope";
import {
  type Bytes,
  type DeviceId,
  equalBytes,
  type RecoveryId,
  type Sha256,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import { ownDevice } from "../devices/own-device.ts";
import type { Perform } from "../ledger/performer.ts";
import type { DeviceRecord, GrantRecord, MemberRecord, RecoveryRecord, TransferRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { isWithin, permittedTransfer, presentReaches } from "../transfers/permitted-transfer.ts";
import { recoveryProblem } from "./errors.ts";

/** A request lives for this long, approved or not. */
export const RECOVERY_LIFE_MS = 24 * 60 * 60 * 1000;
/** Requests of one organisation within that time. */
export const RECOVERIES_LIMIT = 20;

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

/**
 * The same again is the same. Problems: `transfer/unknown`, `transfer/not-active`, `recovery/no-slot`, `recovery/too-many`,
 * `recovery/conflict`, `device/…`.
 */
export async function requestRecovery(
  { store, perform, sha256, signatures }: Deps,
  caller: MemberCaller,
  asked: { recovery: RecoveryId; transfer: TransferId; device: DeviceId; signature: Bytes },
): Promise<void> {
  const { recovery: id, transfer, device, signature } = asked;
  const { organisation, member } = caller;
  const signer = await store.read((view) => ownDevice(view, caller, device));
  const content = recoveryContent(sha256, { recovery: id, asker: device });
  const request = { request: "recover", organisation, transfer, device, grant: null, content } as const;
  await requireSigned(signatures, { request, signature, signer });
  await perform(async (tx, now) => {
    await ownDevice(tx, caller, device);
    await tx.forgetRecoveries(now - RECOVERY_LIFE_MS);
    const known = await tx.findRecovery(id);
    if (known !== null) {
      if (known.device !== device || !equalBytes(known.signature, signature))
        throw recoveryProblem("recovery/conflict");
      return { entries: [], value: undefined };
    }
    const open = await recoverableTransfer(tx, caller, { route: "requestRecovery", transfer, now });
    if ((await tx.recoveriesOf(organisation)).length >= RECOVERIES_LIMIT) throw recoveryProblem("recovery/too-many");
    const record = { id, organisation, transfer, member, device, signature, createdAt: now };
    await tx.addRecovery({ ...record, approvedBy: null, approvedAt: null, releasedKeyHash: null });
    const entry = {
      type: "recovery/requested",
      actor: { kind: "member", id: member },
      organisation,
      transfer: open.transfer,
      grant: open.grant.id,
      detail: { recovery: id, device },
    } as const;
    return { entries: [entry], value: undefined };
  });
}

/**
 * The same again is the same. Problems: `recovery/unknown`, `recovery/same-person`, `recovery/conflict` (somebody else was first),
 * `transfer/not-active`, `device/…`.
 */
export async function approveRecovery(
  { store, perform, sha256, signatures }: Deps,
  caller: MemberCaller,
  { recovery: id, device, signature }: { recovery: RecoveryId; device: DeviceId; signature: Bytes },
): Promise<void> {
  const { organisation, member } = caller;
  const { signer, asked } = await store.read(async (view) => ({
    signer: await ownDevice(view, caller, device),
    asked: await view.findRecovery(id),
  }));
  if (asked?.organisation !== organisation) throw recoveryProblem("recovery/unknown");
  const content = recoveryContent(sha256, { recovery: id, asker: asked.device });
  const { transfer } = asked;
  const request = { request: "approve-recovery", organisation, transfer, device, grant: null, content } as const;
  await requireSigned(signatures, { request, signature, signer });
  await perform(async (tx, now) => {
    await ownDevice(tx, caller, device);
    const current = await liveRecovery(tx, caller, { id, now });
    const isOnlyMember = (await tx.memberCount(organisation)) === 1;
    if (current.device === device || (current.member === member && !isOnlyMember))
      throw recoveryProblem("recovery/same-person");
    if (current.approvedBy !== null && current.approvedBy !== device) throw recoveryProblem("recovery/conflict");
    if (current.approvedBy === device) return { entries: [], value: undefined };
    const open = await recoverableTransfer(tx, caller, { route: "approveRecovery", transfer, now });
    await tx.updateRecovery(id, { approvedBy: device, approvedAt: now });
    const entry = {
      type: "recovery/approved",
      actor: { kind: "member", id: member },
      organisation,
      transfer: open.transfer,
      grant: open.grant.id,
      detail: { recovery: id, device, asker: current.device },
    } as const;
    return { entries: [entry], value: undefined };
  });
}

export interface ShownRecovery {
  readonly recovery: RecoveryRecord;
  readonly member: MemberRecord;
  readonly device: DeviceRecord;
  readonly expiresAt: number;
}

/** Requests that still live for transfers within the caller's reach, oldest first. */
export function listRecoveries(
  { store, now }: { store: Store; now: number },
  caller: MemberCaller,
): Promise<readonly ShownRecovery[]> {
  return store.read(async (view) => {
    const reaches = await presentReaches(view, caller, "listRecoveries");
    const shown: ShownRecovery[] = [];
    for (const recovery of await view.recoveriesOf(caller.organisation)) {
      const transfer = await view.findTransfer(recovery.transfer);
      if (transfer === null || !isWithin(reaches, caller, transfer)) continue;
      const member = await view.findMember(recovery.member);
      const device = await view.findDevice(recovery.device);
      const expiresAt = recovery.createdAt + RECOVERY_LIFE_MS;
      if (member !== null && device !== null && now < expiresAt) shown.push({ recovery, member, device, expiresAt });
    }
    return shown;
  });
}

/** A request of the caller's organisation within its day. Problem `recovery/unknown`. */
export async function liveRecovery(
  view: View,
  { organisation }: MemberCaller,
  { id, now }: { id: RecoveryId; now: number },
): Promise<RecoveryRecord> {
  const recovery = await view.findRecovery(id);
  if (recovery?.organisation !== organisation || now >= recovery.createdAt + RECOVERY_LIFE_MS)
    throw recoveryProblem("recovery/unknown");
  return recovery;
}

/** An active transfer within the caller's reach and its recovery grant. Problems `permission/refused`, `transfer/unknown`, `transfer/not-active`, `recovery/no-slot`. */
export async function recoverableTransfer(
  view: View,
  caller: MemberCaller,
  { route, transfer: id, now }: { route: MemberRoute; transfer: TransferId; now: number },
): Promise<{ transfer: TransferRecord; grant: GrantRecord }> {
  const transfer = await permittedTransfer(view, caller, { route, transfer: id });
  if (transfer.state !== "active") throw transferProblem("transfer/not-active");
  const grant = (await view.grantsOf(id)).find(({ kind }) => kind === "recovery");
  if (grant === undefined) throw recoveryProblem("recovery/no-slot");
  if (grant.destroyedAt !== null || now >= grant.notAfter) throw transferProblem("transfer/not-active");
  return { transfer, grant };
}

/** Problem `device/bad-signature`. */
export async function requireSigned(
  signatures: Signatures,
  { request, signature, signer }: { request: MemberRequest; signature: Bytes; signer: DeviceRecord },
): Promise<void> {
  const { signingPublicKey } = signer;
  if (!(await verifyMemberRequest({ signatures }, { request, signature, signingPublicKey })))
    throw deviceProblem("device/bad-signature");
}
