/**
 * One transfer: that it opens, as far as a server can prove it (all ciphertext whole under the sender's seal, the shares and
 * slots there), or that it does not any more, when it was destroyed. And that its state has its entries in the ledger.
 */
import {
  decodeSealRecord,
  decodeTerms,
  partsRoot,
  SLOT_BYTES,
  termsHash,
  verifySealSignature,
} from "@safeconduct/envelope";
import { base64UrlBytes, equalBytes, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { EventRecord, GrantRecord, TransferRecord } from "../records.ts";
import { isLive } from "../transfers/end-transfer.ts";
import { checkHolds } from "./check-holds.ts";
import { checkParts } from "./check-parts.ts";
import { detailOf } from "./event-detail.ts";
import { isHeld } from "./held-shares.ts";
import type { TransferCheck, TransferFacts } from "./transfer-facts.ts";

/** Answers bytes that were looked at. Findings say the rest. */
export async function checkTransfer(check: TransferCheck, facts: TransferFacts): Promise<{ bytes: number }> {
  const { transfer } = facts;
  checkEntries(check, facts);
  checkHolds(check, facts);
  if (transfer.destroyedAt !== null) {
    await checkDestroyed(check, facts);
    return { bytes: 0 };
  }
  if (transfer.state === "active") {
    checkGrants(check, facts);
    await checkSeal(check, facts);
  }
  if (transfer.state === "draft") checkGrants(check, facts);
  return mustHaveBlob(check, transfer) ? checkParts(check, facts) : { bytes: 0 };
}

/** A destruction that a crash interrupted has begun with the share; then the blob may be gone already. */
function mustHaveBlob({ held }: TransferCheck, { id, state }: TransferRecord): boolean {
  if (state === "draft" || state === "active") return true;
  return state === "expired" && held !== null && isHeld(held.transfers.get(id));
}

function checkGrants({ sha256, held, findings }: TransferCheck, { transfer, grants }: TransferFacts): void {
  const of = { transfer: transfer.id };
  if (held !== null && !isHeld(held.transfers.get(transfer.id))) findings.add("keys/share-missing", of);
  for (const grant of grants) {
    const about = { ...of, grant: grant.id };
    const share = held?.grants.get(grant.id);
    if (!isLive(grant)) {
      if (grant.destroyedAt !== null && isHeld(share)) findings.add("keys/share-left", about);
      continue;
    }
    if (!hasWholeTerms(sha256, grant) || grant.slot.length !== SLOT_BYTES) findings.add("grant/damaged", about);
    if (held === null) continue;
    if (!isHeld(share)) findings.add("keys/share-missing", about);
    else if (share.live === null || !equalBytes(share.live.termsHash, grant.termsHash))
      findings.add("keys/terms-differ", about);
  }
}

function hasWholeTerms(sha256: Sha256, grant: GrantRecord): boolean {
  try {
    const terms = decodeTerms(grant.terms);
    return (
      equalBytes(termsHash(sha256, grant.terms), grant.termsHash) &&
      terms.grant === grant.id &&
      terms.transfer === grant.transfer &&
      terms.notAfter === grant.notAfter &&
      grant.endsAt <= grant.notAfter
    );
  } catch (error) {
    if (error instanceof MalformedBinary) return false;
    throw error;
  }
}

async function checkSeal(
  { sha256, signatures, findings }: TransferCheck,
  { transfer, device, parts }: TransferFacts,
): Promise<void> {
  const { sealRecord: record, sealSignature: signature } = transfer;
  const whole =
    record !== null &&
    signature !== null &&
    device !== null &&
    (await verifySealSignature({ signatures }, { record, signature, signingPublicKey: device.signingPublicKey })) &&
    parts.every(({ number }, position) => number === position + 1) &&
    decodeSealRecord(record).blobLengthBytes === transfer.blobLengthBytes &&
    equalBytes(decodeSealRecord(record).partsRoot, partsRoot(sha256, parts));
  if (!whole) findings.add("transfer/seal-wrong", { transfer: transfer.id });
}

async function checkDestroyed(
  { blobs, keys, held, findings }: TransferCheck,
  { transfer, grants, events }: TransferFacts,
): Promise<void> {
  const of = { transfer: transfer.id };
  if (held !== null) {
    if (isHeld(held.transfers.get(transfer.id))) findings.add("keys/share-left", of);
    for (const { id } of grants) {
      if (isHeld(held.grants.get(id))) findings.add("keys/share-left", { ...of, grant: id });
    }
    for (const event of events.filter(({ type }) => type === "transfer/destroyed")) {
      const signed = statementOf(event);
      if (signed !== null && (await keys.openDestruction(signed)) !== transfer.id)
        findings.add("keys/statement-foreign", of);
    }
  }
  if ((await blobs.bodies(transfer.id)).length > 0) findings.add("blob/of-destroyed", of);
}

/** Null where the event was erased. The leaf holds its hash, so that nobody can have put another in. */
function statementOf(event: EventRecord) {
  const statement = detailOf(event)?.["statement"];
  return typeof statement === "string" ? base64UrlBytes(statement) : null;
}

/** Nothing may have happened that the ledger does not know of. */
function checkEntries({ findings }: TransferCheck, { transfer, grants, events }: TransferFacts): void {
  const of = { transfer: transfer.id };
  const has = (type: EventType, grant: GrantRecord | null) =>
    events.some((event) => event.type === type && (grant === null || event.grant === grant.id));
  const { state, sealedAt, destroyedAt } = transfer;
  const expected: EventType[] = ["transfer/drafted"];
  if (sealedAt !== null) expected.push("transfer/sealed");
  if (destroyedAt !== null) expected.push("transfer/destroyed");
  if (state === "expired" || state === "revoked" || state === "abandoned") expected.push(`transfer/${state}`);
  for (const type of expected) if (!has(type, null)) findings.add("transfer/without-entry", of);
  for (const grant of grants.filter(({ kind }) => kind === "recipient")) {
    const wanted: EventType[] = ["grant/added"];
    if (grant.state === "expired" || grant.state === "revoked" || grant.state === "capped" || grant.state === "closed")
      wanted.push(`grant/${grant.state}`);
    if (grant.termsAcceptedAt !== null) wanted.push("grant/terms-accepted");
    if (grant.problemReportedAt !== null) wanted.push("grant/problem-reported");
    if (grant.problemSettledAt !== null) wanted.push("grant/problem-settled");
    if (grant.deletionAttestedAt !== null) wanted.push("grant/deletion-attested");
    if (grant.destroyedAt !== null && destroyedAt === null) wanted.push("grant/destroyed");
    const added = events.find((event) => event.type === "grant/added" && event.grant === grant.id);
    const address = added && detailOf(added)?.["address"];
    if (address !== undefined && address !== grant.address)
      findings.add("grant/other-recipient", { ...of, grant: grant.id });
    for (const type of wanted)
      if (!has(type, grant)) findings.add("transfer/without-entry", { ...of, grant: grant.id });
  }
}
