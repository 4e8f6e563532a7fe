/**
 * The seal: root over all parts, the sender's signature and the recipients' grants, in one step. From here nothing changes.
 * The root is recomputed over what is held, so a sender cannot seal what did not arrive and a server cannot swap a part unseen.
 */
import { decodeSealRecord, partsRoot, type SealRecord, verifySealSignature } from "@safeconduct/envelope";
import {
  type Bytes,
  equalBytes,
  MalformedBinary,
  type Sha256,
  type Signatures,
  type TransferId,
} from "@safeconduct/foundation";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import type { FactorSecrets } from "../factors/ports.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { Perform } from "../ledger/performer.ts";
import type { TransferRecord } from "../records.ts";
import type { StoredPart } from "../storage/ports.ts";
import type { Store } from "../store.ts";
import { transferProblem } from "./errors.ts";
import { acceptRecipient, addRecipientGrant, type NewRecipient, requireEnrolledFactor } from "./new-recipient.ts";
import { permittedTransfer } from "./permitted-transfer.ts";
import { requireDraft } from "./upload-parts.ts";

/**
 * The same seal again is the same seal. Problems: `transfer/unknown`, `transfer/not-draft`, `transfer/parts-missing`,
 * `transfer/seal-mismatch`, `transfer/same-recipient-twice`, `transfer/bad-terms`, `transfer/already-ended`,
 * `transfer/life-too-long`, `transfer/second-factor-required`, `transfer/factor-not-enrolled`, `transfer/conflict`, `keys/…`.
 */
export async function sealTransfer(
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
  {
    transfer: id,
    record,
    signature,
    grants,
  }: { transfer: TransferId; record: Bytes; signature: Bytes; grants: readonly NewRecipient[] },
): Promise<TransferRecord> {
  const { transfer, device, parts } = await store.read(async (view) => {
    const found = await permittedTransfer(view, caller, { route: "sealTransfer", transfer: id });
    return { transfer: found, device: await view.findDevice(found.device), parts: await view.partsOf(id) };
  });
  // Through the performer, so that a repeat is not answered before the entries of the first time stand in the tree.
  if (isSameSeal(transfer, record, signature)) return perform(async () => ({ entries: [], value: transfer }));
  requireDraft(transfer);
  requireDifferent(grants);
  if (device === null) throw deviceProblem("device/unknown");
  if (device.removedAt !== null) throw deviceProblem("device/removed");
  const seal = decode(record);
  if (!(await verifySealSignature({ signatures }, { record, signature, signingPublicKey: device.signingPublicKey }))) {
    throw transferProblem("transfer/seal-mismatch");
  }
  requireComplete(transfer, parts);
  requireMatch(transfer, parts, seal, sha256);
  const accepted = grants.map((grant) => acceptRecipient(grant, { transfer, sha256, now }));
  await store.read(async (view) => {
    for (const each of accepted)
      await requireEnrolledFactor(view, factorSecrets, { ...each, organisation: caller.organisation });
  });
  for (const { grant, terms, sealedGrantShare } of accepted) {
    await keys.addGrant({ organisation: transfer.organisation, transfer: id, grant, terms, sealedGrantShare });
  }

  return perform(async (tx, at) => {
    const current = await permittedTransfer(tx, caller, { route: "sealTransfer", transfer: id });
    if (isSameSeal(current, record, signature)) return { entries: [], value: current };
    requireDraft(current);
    // A part may have been put again since: the root must cover what is held now.
    requireMatch(current, await tx.partsOf(id), seal, sha256);
    const change = { state: "active", sealRecord: record, sealSignature: signature, sealedAt: at } as const;
    await tx.updateTransfer(id, change);
    const by = {
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      transfer: current,
    } as const;
    const entries: Entry[] = [
      {
        ...by,
        type: "transfer/sealed",
        payloadHash: seal.partsRoot,
        detail: { recipients: accepted.length, handling: current.handling },
      },
    ];
    for (const each of accepted) entries.push(await addRecipientGrant({ tx, factorSecrets }, each, { ...by, at }));
    return { entries, value: { ...current, ...change } };
  });
}

const isSameSeal = (transfer: TransferRecord, record: Bytes, signature: Bytes): boolean =>
  transfer.sealRecord !== null &&
  transfer.sealSignature !== null &&
  equalBytes(transfer.sealRecord, record) &&
  equalBytes(transfer.sealSignature, signature);

function requireDifferent(grants: readonly NewRecipient[]): void {
  const addresses = new Set(grants.map((grant) => grant.address.toLowerCase()));
  if (addresses.size !== grants.length) throw transferProblem("transfer/same-recipient-twice", { field: "/grants" });
  if (new Set(grants.map((grant) => grant.grant)).size !== grants.length)
    throw transferProblem("transfer/conflict", { field: "/grants" });
}

function decode(record: Bytes): SealRecord {
  try {
    return decodeSealRecord(record);
  } catch (error) {
    if (error instanceof MalformedBinary) throw transferProblem("transfer/seal-mismatch");
    throw error;
  }
}

function requireComplete(transfer: TransferRecord, parts: readonly StoredPart[]): void {
  if (parts.length !== transfer.partCount) throw transferProblem("transfer/parts-missing");
}

function requireMatch(transfer: TransferRecord, parts: readonly StoredPart[], seal: SealRecord, sha256: Sha256): void {
  const matches =
    seal.organisation === transfer.organisation &&
    seal.transfer === transfer.id &&
    seal.blobLengthBytes === transfer.blobLengthBytes &&
    seal.partCount === transfer.partCount &&
    parts.reduce((sum, part) => sum + part.sizeBytes, 0) === transfer.blobLengthBytes &&
    equalBytes(partsRoot(sha256, parts), seal.partsRoot);
  if (!matches) throw transferProblem("transfer/seal-mismatch");
}
