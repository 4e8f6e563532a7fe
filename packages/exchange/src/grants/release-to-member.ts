/**
 * The sender's own slot: a device of the member that is in has F and the sender's G sealed to a key in its memory. With S, which
 * only the member's devices can open, it comes to P: to add a recipient, or to look at what was sent.
 * The order is that of a recipient's release: database, durable entry, key service, database again.
 */
import { verifyMemberRequest } from "@safeconduct/envelope";
import {
  type Bytes,
  type DeviceId,
  drawId,
  type Random,
  type Sha256,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import { ownDevice } from "../devices/own-device.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { transferProblem } from "../transfers/errors.ts";
import { permittedTransfer } from "../transfers/permitted-transfer.ts";
import { sharesForMember } from "./member-release.ts";
import { inOneOrder, RELEASE_KEY_LIMIT, type Released } from "./release.ts";

interface Deps {
  readonly store: Store;
  readonly perform: Perform;
  readonly keys: KeyService;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly signatures: Signatures;
}

interface Asked {
  readonly transfer: TransferId;
  readonly device: DeviceId;
  readonly ephemeralPublicKey: Bytes;
  /** By the device, over transfer and ephemeral key. */
  readonly signature: Bytes;
}

/** Problems: `transfer/unknown`, `transfer/not-active`, `device/unknown`, `device/removed`, `device/bad-signature`, `keys/unavailable`. */
export async function releaseToMember(deps: Deps, caller: MemberCaller, asked: Asked): Promise<Released> {
  const { organisation } = caller;
  const { store, perform, random, sha256, signatures } = deps;
  const { transfer: id, device, ephemeralPublicKey, signature } = asked;
  const keyHash = sha256(ephemeralPublicKey);
  const { signingPublicKey } = await store.read((view) => ownDevice(view, caller, device));
  const request = { request: "release", organisation, transfer: id, device, grant: null, content: keyHash } as const;
  if (!(await verifyMemberRequest({ signatures }, { request, signature, signingPublicKey })))
    throw deviceProblem("device/bad-signature");

  const session = "session" in caller.by ? caller.by.session : drawId("session", random);
  const authorisation = drawId("authorisation", random);
  const released = await perform(async (tx, now) => {
    const open = await openOwn(tx, caller, { id, device, now });
    const { grant, transfer } = open;
    const isRepeat = (await tx.findReleaseKey(grant.id, keyHash)) !== null;
    if (!isRepeat) {
      if ((await tx.releaseKeyCount(grant.id)) >= RELEASE_KEY_LIMIT) throw transferProblem("transfer/not-active");
      await tx.addReleaseKey({ grant: grant.id, keyHash, at: now });
      await inOneOrder(tx, transfer);
    }
    const entry = {
      type: "grant/released-to-member",
      actor: { kind: "member", id: caller.member },
      organisation,
      transfer,
      grant: grant.id,
      termsHash: grant.termsHash,
      payloadHash: keyHash,
      detail: { device, authorisation },
    } as const;
    return { entries: isRepeat ? [] : [entry], value: open };
  });
  const sealedShares = await sharesForMember(deps, {
    grant: released.grant,
    authorisation,
    session,
    ephemeralPublicKey,
    requireOpen: (tx, now) => openOwn(tx, caller, { id, device, now }),
  });
  return { ...released, sealedShares };
}

async function openOwn(
  view: View,
  caller: MemberCaller,
  { id, device: asking, now }: { id: TransferId; device: DeviceId; now: number },
): Promise<Omit<Released, "sealedShares"> & { readonly grant: GrantRecord }> {
  const transfer = await permittedTransfer(view, caller, { route: "releaseToMember", transfer: id });
  await ownDevice(view, caller, asking);
  const grant = (await view.grantsOf(id)).find(({ kind }) => kind === "sender");
  const device = await view.findDevice(transfer.device);
  const { sealRecord, sealSignature } = transfer;
  const isOpen =
    transfer.state === "active" && grant !== undefined && grant.destroyedAt === null && now < grant.notAfter;
  if (!isOpen || device === null || sealRecord === null || sealSignature === null)
    throw transferProblem("transfer/not-active");
  return { grant, transfer: { ...transfer, sealRecord, sealSignature }, device };
}
