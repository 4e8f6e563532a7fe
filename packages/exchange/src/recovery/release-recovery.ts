/**
 * The release that two people agreed on: F and G of the recovery grant, sealed to a key in the memory of the device that asked. With
 * two cards it comes to P. Once for each request; the same key again gets the same. The order is that of every release.
 */
import { recoveryContent } from "@safeconduct/envelope";
import {
  type Bytes,
  type DeviceId,
  drawId,
  equalBytes,
  type Random,
  type RecoveryId,
  type Sha256,
  type Signatures,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import { ownDevice } from "../devices/own-device.ts";
import { sharesForMember } from "../grants/member-release.ts";
import type { Released } from "../grants/release.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { RecoveryRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { recoveryProblem } from "./errors.ts";
import { liveRecovery, recoverableTransfer, requireSigned } from "./request-recovery.ts";

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

interface Asked {
  readonly recovery: RecoveryId;
  readonly device: DeviceId;
  readonly ephemeralPublicKey: Bytes;
  readonly signature: Bytes;
}

/**
 * Problems: `recovery/unknown` (also past its day, and of another device), `recovery/not-approved`, `recovery/used`,
 * `transfer/not-active`, `device/…`, `keys/unavailable`.
 */
export async function releaseRecovery(deps: Deps, caller: MemberCaller, asked: Asked): Promise<Released> {
  const { organisation } = caller;
  const { store, perform, random, sha256, signatures } = deps;
  const { recovery: id, device, ephemeralPublicKey, signature } = asked;
  const keyHash = sha256(ephemeralPublicKey);
  const { signer, recovery } = await store.read(async (view) => ({
    signer: await ownDevice(view, caller, device),
    recovery: await view.findRecovery(id),
  }));
  if (recovery?.organisation !== organisation || recovery.device !== device) throw recoveryProblem("recovery/unknown");
  const { transfer } = recovery;
  const content = recoveryContent(sha256, { recovery: id, asker: device }, keyHash);
  const request = { request: "release-recovery", organisation, transfer, device, grant: null, content } as const;
  await requireSigned(signatures, { request, signature, signer });

  const session = "session" in caller.by ? caller.by.session : drawId("session", random);
  const authorisation = drawId("authorisation", random);
  const released = await perform(async (tx, now) => {
    const open = await openRecovery(tx, caller, { id, device, keyHash, now });
    const { grant, isRepeat } = open;
    if (!isRepeat) await tx.updateRecovery(id, { releasedKeyHash: keyHash });
    const entry = {
      type: "recovery/released",
      actor: { kind: "member", id: caller.member },
      organisation,
      transfer: open.transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      payloadHash: keyHash,
      detail: { recovery: id, device, approver: open.approvedBy, authorisation },
    } as const;
    return { entries: isRepeat ? [] : [entry], value: open };
  });
  const { grant } = released;
  const sealedShares = await sharesForMember(deps, {
    grant,
    authorisation,
    session,
    ephemeralPublicKey,
    requireOpen: (tx, now) => openRecovery(tx, caller, { id, device, keyHash, now }),
  });
  return { grant, transfer: released.transfer, device: released.device, sealedShares };
}

async function openRecovery(
  view: View,
  caller: MemberCaller,
  { id, device: asking, keyHash, now }: { id: RecoveryId; device: DeviceId; keyHash: Bytes; now: number },
) {
  await ownDevice(view, caller, asking);
  const recovery = await liveRecovery(view, caller, { id, now });
  const approvedBy = await requireApproved(view, recovery);
  const isRepeat = recovery.releasedKeyHash !== null;
  if (recovery.releasedKeyHash !== null && !equalBytes(recovery.releasedKeyHash, keyHash))
    throw recoveryProblem("recovery/used");
  const { transfer, grant } = await recoverableTransfer(view, caller, {
    route: "releaseRecovery",
    transfer: recovery.transfer,
    now,
  });
  const device = await view.findDevice(transfer.device);
  const { sealRecord, sealSignature } = transfer;
  if (device === null || sealRecord === null || sealSignature === null) throw transferProblem("transfer/not-active");
  return { grant, transfer: { ...transfer, sealRecord, sealSignature }, device, isRepeat, approvedBy };
}

/** The approving device, if it and its member are still in: a stolen one that was removed has approved nothing. */
async function requireApproved(view: View, { approvedBy }: RecoveryRecord): Promise<DeviceId> {
  if (approvedBy === null) throw recoveryProblem("recovery/not-approved");
  const approver = await view.findDevice(approvedBy);
  const person = approver && (await view.findMember(approver.member));
  if (!approver || approver.removedAt !== null || !person || person.removedAt !== null)
    throw deviceProblem("device/removed");
  return approvedBy;
}
