/**
 * A sender gives a sealed transfer to somebody else, or a fresh link to somebody who had one, without uploading again: the
 * device has P from the sender's own slot. Asked for by any device of the member that is in; its signature says so.
 */
import { verifyMemberRequest } from "@safeconduct/envelope";
import {
  type Bytes,
  type DeviceId,
  equalBytes,
  type GrantId,
  type Sha256,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import { ownDevice } from "../devices/own-device.ts";
import type { FactorSecrets } from "../factors/ports.ts";
import { grantProblem } from "../grants/errors.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { endGrant, isLive } from "./end-transfer.ts";
import { transferProblem } from "./errors.ts";
import { GRANTS_PER_TRANSFER, RECIPIENTS_PER_TRANSFER } from "./limits.ts";
import { acceptRecipient, addRecipientGrant, type NewRecipient, requireEnrolledFactor } from "./new-recipient.ts";
import { permittedTransfer } from "./permitted-transfer.ts";
import { isClosedByOther } from "./suspend-grant.ts";

export interface Addition {
  readonly transfer: TransferId;
  readonly device: DeviceId;
  /** Over the grant and its terms, by the device. */
  readonly signature: Bytes;
  readonly recipient: NewRecipient;
  /** The grant of the same address that ends in the same step; null for somebody new. */
  readonly replaces: GrantId | null;
}

/**
 * The same again is the same. Problems: `transfer/unknown`, `transfer/not-active`, `device/…`, `device/bad-signature`, `transfer/bad-terms`,
 * `transfer/already-ended`, `transfer/life-too-long`, `transfer/beyond-end`, `transfer/second-factor-required`, `transfer/factor-not-enrolled`,
 * `transfer/same-recipient-twice`, `transfer/too-many-recipients`, `transfer/conflict`, `grant/unknown`, `keys/…`.
 */
export async function addRecipient(
  {
    store,
    perform,
    keys,
    signatures,
    sha256,
    factorSecrets,
    now,
  }: {
    store: Store;
    perform: Perform;
    keys: KeyService;
    signatures: Signatures;
    sha256: Sha256;
    factorSecrets: FactorSecrets;
    now: number;
  },
  caller: MemberCaller,
  { transfer: id, device: deviceId, signature, recipient, replaces }: Addition,
): Promise<void> {
  const { organisation } = caller;
  const { transfer, device, known } = await store.read(async (view) => ({
    transfer: await permittedTransfer(view, caller, { route: "addRecipient", transfer: id }),
    device: await ownDevice(view, caller, deviceId),
    known: await view.findGrant(recipient.grant),
  }));
  if (known !== null && isSame(known, id, recipient)) return perform(async () => ({ entries: [], value: undefined }));
  requireActive(transfer);
  const accepted = acceptRecipient(recipient, { transfer, sha256, now });
  const request = {
    request: "add-recipient",
    organisation,
    transfer: id,
    device: deviceId,
    grant: recipient.grant,
    content: accepted.hash,
  } as const;
  const { signingPublicKey } = device;
  if (!(await verifyMemberRequest({ signatures }, { request, signature, signingPublicKey })))
    throw deviceProblem("device/bad-signature");
  const bounds = { transfer, caller, address: recipient.address, notAfter: accepted.bounds.notAfter, replaces };
  await store.read(async (view) => {
    await requireRoom(view, { ...bounds, now });
    await requireEnrolledFactor(view, factorSecrets, { ...accepted, organisation });
  });
  const { grant, terms, sealedGrantShare } = recipient;
  await keys.addGrant({ organisation, transfer: id, grant, terms, sealedGrantShare });

  await perform(async (tx, at) => {
    const current = await permittedTransfer(tx, caller, { route: "addRecipient", transfer: id });
    await ownDevice(tx, caller, deviceId);
    const made = await tx.findGrant(grant);
    if (made !== null && isSame(made, id, recipient)) return { entries: [], value: undefined };
    requireActive(current);
    const replaced = await requireRoom(tx, { ...bounds, now: at });
    const actor = { kind: "member", id: caller.member } as const;
    const added = await addRecipientGrant({ tx, factorSecrets }, accepted, {
      actor,
      organisation,
      transfer: current,
      at,
    });
    // Added first: the last grant to end would take the transfer with it.
    const ended =
      replaced === null || !isLive(replaced)
        ? []
        : await endGrant(tx, { transfer: current, grant: replaced, end: "revoked", at, destroyDueAt: at, actor });
    return { entries: [added, ...ended], value: undefined };
  });
  // As at a revocation: the database denies already, so an outage here opens nothing.
  if (replaces !== null) await keys.suspend({ organisation, transfers: [], grants: [replaces] }).catch(() => undefined);
}

const isSame = (known: GrantRecord, transfer: TransferId, { terms, address }: NewRecipient): boolean =>
  known.transfer === transfer && known.address === address && equalBytes(known.terms, terms);

function requireActive(transfer: TransferRecord): void {
  if (transfer.state !== "active") throw transferProblem("transfer/not-active");
}

/** The grant that is to be replaced, or null. F lives until the transfer's end, which the sender's own grant bounds. */
async function requireRoom(
  view: View,
  {
    transfer,
    caller,
    address,
    notAfter,
    replaces,
    now,
  }: {
    transfer: TransferRecord;
    caller: MemberCaller;
    address: string;
    notAfter: number;
    replaces: GrantId | null;
    now: number;
  },
): Promise<GrantRecord | null> {
  const grants = await view.grantsOf(transfer.id);
  const own = grants.find(({ kind }) => kind === "sender");
  if (own === undefined || own.destroyedAt !== null || now >= own.notAfter)
    throw transferProblem("transfer/not-active");
  if (notAfter > own.notAfter) throw transferProblem("transfer/beyond-end");
  const recipients = grants.filter(({ kind }) => kind === "recipient");
  // Ended ones too: neither a fresh link nor a new recipient of that address is a way around an officer.
  const sameAddress = recipients.filter((grant) => grant.address.toLowerCase() === address.toLowerCase());
  if (sameAddress.some((grant) => isClosedByOther(grant, caller))) throw grantProblem("grant/closed-by-officer");
  const replaced = replaces === null ? null : (recipients.find(({ id }) => id === replaces) ?? null);
  if (replaces !== null && replaced?.address.toLowerCase() !== address.toLowerCase())
    throw grantProblem("grant/unknown");
  const live = recipients.filter((grant) => isLive(grant) && grant.id !== replaces);
  if (live.some((grant) => grant.address.toLowerCase() === address.toLowerCase()))
    throw transferProblem("transfer/same-recipient-twice");
  if (live.length >= RECIPIENTS_PER_TRANSFER || recipients.length >= GRANTS_PER_TRANSFER)
    throw transferProblem("transfer/too-many-recipients");
  return replaced;
}
