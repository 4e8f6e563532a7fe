/**
 * A sender begins a transfer. F and the sender's G, sealed to the key service by the client, go to the key service first:
 * a share without a transfer is harmless, a transfer without its share is lost. The same draft again is the same draft.
 */
import {
  type Bytes,
  type DeviceId,
  equalBytes,
  type GrantId,
  type Random,
  type Sha256,
  type TransferId,
} from "@safeconduct/foundation";
import type { Profile, Purpose } from "@safeconduct/contract";
import { termsHash } from "@safeconduct/envelope";
import { SALT_BYTES } from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import { deviceProblem } from "../devices/errors.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import { transferProblem } from "./errors.ts";
import { acceptTerms } from "./grant-terms.ts";
import { SENDER_GRANT_LIFE_MAX_MS } from "./limits.ts";

export interface Draft {
  readonly transfer: TransferId;
  readonly device: DeviceId;
  readonly purpose: Purpose;
  readonly profile: Profile;
  readonly blobLengthBytes: number;
  readonly partCount: number;
  readonly sealedTransferShare: Bytes;
  readonly senderGrant: {
    readonly grant: GrantId;
    readonly terms: Bytes;
    readonly sealedGrantShare: Bytes;
    readonly slot: Bytes;
    readonly sealedLinkSecret: Bytes;
  };
}

/** Problems: `device/unknown`, `transfer/bad-terms`, `transfer/life-too-long`, `transfer/conflict`, `keys/…`. */
export async function draftTransfer(
  {
    perform,
    keys,
    random,
    sha256,
    now,
  }: { perform: Perform; keys: KeyService; random: Random; sha256: Sha256; now: number },
  caller: MemberCaller,
  draft: Draft,
): Promise<TransferRecord> {
  const { senderGrant } = draft;
  const ids = { organisation: caller.organisation, transfer: draft.transfer };
  const terms = acceptTerms(senderGrant.terms, {
    transfer: { id: draft.transfer, organisation: caller.organisation, purpose: draft.purpose, profile: draft.profile },
    grant: senderGrant.grant,
    kind: "sender",
    lifeMaxMs: SENDER_GRANT_LIFE_MAX_MS,
    now,
  });
  await keys.addTransfer({ ...ids, sealedTransferShare: draft.sealedTransferShare });
  await keys.addGrant({
    ...ids,
    grant: senderGrant.grant,
    terms: senderGrant.terms,
    sealedGrantShare: senderGrant.sealedGrantShare,
  });

  return perform(async (tx, at) => {
    const device = await tx.findDevice(draft.device);
    if (device?.member !== caller.member) throw deviceProblem("device/unknown");
    const known = await tx.findTransfer(draft.transfer);
    if (known !== null) {
      const grant = await tx.findGrant(senderGrant.grant);
      const same =
        known.member === caller.member &&
        known.device === draft.device &&
        grant !== null &&
        equalBytes(grant.terms, senderGrant.terms);
      if (!same || known.blobLengthBytes !== draft.blobLengthBytes || known.partCount !== draft.partCount)
        throw transferProblem("transfer/conflict");
      return { entries: [], value: known };
    }
    const transfer: TransferRecord = {
      id: draft.transfer,
      organisation: caller.organisation,
      member: caller.member,
      device: draft.device,
      purpose: draft.purpose,
      profile: draft.profile,
      state: "draft",
      blobLengthBytes: draft.blobLengthBytes,
      partCount: draft.partCount,
      subjectSalt: random.bytes(SALT_BYTES),
      sealRecord: null,
      sealSignature: null,
      createdAt: at,
      sealedAt: null,
      endedAt: null,
      destroyDueAt: null,
      destroyedAt: null,
    };
    const hash = termsHash(sha256, senderGrant.terms);
    await tx.addTransfer(transfer);
    await tx.addGrant({
      ...newGrant({
        id: senderGrant.grant,
        transfer,
        kind: "sender",
        terms: senderGrant.terms,
        hash,
        slot: senderGrant.slot,
        at,
      }),
      sealedLinkSecret: senderGrant.sealedLinkSecret,
      notBefore: terms.notBefore,
      notAfter: terms.notAfter,
    });
    const entry = {
      type: "transfer/drafted",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      transfer,
      grant: senderGrant.grant,
      termsHash: hash,
      detail: { purpose: draft.purpose, profile: draft.profile, blobLengthBytes: draft.blobLengthBytes },
    } as const;
    return { entries: [entry], value: transfer };
  });
}

/** A grant as it begins; the caller adds its bounds and its address. */
export function newGrant({
  id,
  transfer,
  kind,
  terms,
  hash,
  slot,
  at,
}: {
  id: GrantId;
  transfer: Pick<TransferRecord, "id" | "organisation">;
  kind: GrantRecord["kind"];
  terms: Bytes;
  hash: Bytes;
  slot: Bytes;
  at: number;
}): Omit<GrantRecord, "notBefore" | "notAfter"> {
  return {
    id,
    transfer: transfer.id,
    organisation: transfer.organisation,
    kind,
    address: "",
    name: null,
    state: "pending",
    terms,
    termsHash: hash,
    slot,
    sealedLinkSecret: null,
    releaseCap: 0,
    releases: 0,
    createdAt: at,
    confirmedAt: null,
    firstReleasedAt: null,
    receiptAt: null,
    endedAt: null,
    destroyDueAt: null,
    destroyedAt: null,
  };
}
