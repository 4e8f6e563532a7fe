/** One recipient's grant as a sender makes it, at the seal or later: held against the transfer, and stored with its entry. */
import type { Language } from "@safeconduct/contract";
import { type GrantTerms, termsHash } from "@safeconduct/envelope";
import type { Bytes, GrantId, OrganisationId, Sha256 } from "@safeconduct/foundation";
import { requireEnrolled } from "../factors/enrolled.ts";
import type { FactorSecrets } from "../factors/ports.ts";
import type { Entry } from "../ledger/entry.ts";
import type { TransferRecord } from "../records.ts";
import type { Transaction, View } from "../store.ts";
import { requireAcceptedFactor } from "./accepted-factor.ts";
import { newGrant } from "./draft-transfer.ts";
import { transferProblem } from "./errors.ts";
import { acceptTerms } from "./grant-terms.ts";
import { GRANT_LIFE_MAX_MS } from "./limits.ts";

export interface NewRecipient {
  readonly grant: GrantId;
  readonly address: string;
  readonly name: string | null;
  /** Where the recipient works, in the sender's words. */
  readonly organisation: string | null;
  /** Of the mails about this grant; null: the organisation's. */
  readonly language: Language | null;
  readonly terms: Bytes;
  readonly sealedGrantShare: Bytes;
  readonly slot: Bytes;
  /** 32 bytes where the terms demand a passcode, else null. */
  readonly passcodeVerifierHash: Bytes | null;
}

interface AcceptedRecipient extends NewRecipient {
  readonly bounds: GrantTerms;
  readonly hash: Bytes;
}

/** Problems: `transfer/bad-terms`, `transfer/already-ended`, `transfer/life-too-long`, `transfer/second-factor-required`. */
export function acceptRecipient(
  recipient: NewRecipient,
  { transfer, sha256, now }: { transfer: TransferRecord; sha256: Sha256; now: number },
): AcceptedRecipient {
  const { grant, terms, passcodeVerifierHash } = recipient;
  const bounds = acceptTerms(terms, { transfer, grant, kind: "recipient", lifeMaxMs: GRANT_LIFE_MAX_MS, now });
  requireAcceptedFactor(transfer, { terms: bounds, passcodeVerifierHash });
  return { ...recipient, bounds, hash: termsHash(sha256, terms) };
}

/** Problem `transfer/factor-not-enrolled`: asked before the key service is, and again where the grant is made. */
export function requireEnrolledFactor(
  view: View,
  factorSecrets: FactorSecrets,
  { address, bounds, organisation }: Pick<AcceptedRecipient, "address" | "bounds"> & { organisation: OrganisationId },
): Promise<void> {
  return requireEnrolled(view, factorSecrets, { organisation, address, kind: bounds.secondFactor?.kind ?? null });
}

/** Problems: `transfer/conflict` where the id is taken, `transfer/factor-not-enrolled`. */
export async function addRecipientGrant(
  { tx, factorSecrets }: { tx: Transaction; factorSecrets: FactorSecrets },
  { grant, terms, hash, slot, address, name, organisation, language, bounds, passcodeVerifierHash }: AcceptedRecipient,
  {
    transfer,
    at,
    ...by
  }: { actor: Entry["actor"]; organisation: OrganisationId; transfer: TransferRecord; at: number },
): Promise<Entry> {
  if ((await tx.findGrant(grant)) !== null) throw transferProblem("transfer/conflict");
  await requireEnrolledFactor(tx, factorSecrets, { address, bounds, organisation: by.organisation });
  const { notBefore, notAfter, releaseCap } = bounds;
  await tx.addGrant({
    ...newGrant({ id: grant, transfer, kind: "recipient", terms, hash, slot, at }),
    address,
    name,
    recipientOrganisation: organisation,
    language,
    notBefore,
    notAfter,
    endsAt: notAfter,
    releaseCap,
    passcodeVerifierHash,
  });
  const secondFactor = bounds.secondFactor?.kind ?? null;
  const { closesOnReceipt = false, conditions } = bounds;
  const detail = {
    address,
    recipientOrganisation: organisation,
    notBefore,
    notAfter,
    releaseCap,
    secondFactor,
    closesOnReceipt,
    mayStore: conditions?.mayStore ?? null,
    deleteByDays: conditions?.deleteByDays ?? null,
  };
  return { ...by, transfer, type: "grant/added", grant, termsHash: hash, detail };
}
