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
import type { Handling, Profile, Purpose } from "@safeconduct/contract";
import { termsHash } from "@safeconduct/envelope";
import { SALT_BYTES } from "@safeconduct/ledger";
import type { MemberCaller } from "../callers.ts";
import { ownDevice } from "../devices/own-device.ts";
import type { KeyService } from "../keys/ports.ts";
import type { Perform } from "../ledger/performer.ts";
import type { GrantRecord, TransferRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { overQuota, transferProblem } from "./errors.ts";
import { acceptTerms } from "./grant-terms.ts";
import { presentReaches } from "./permitted-transfer.ts";
import { CLOCK_SKEW_MS, OPEN_DRAFTS_LIMIT, OPEN_DRAFTS_PER_MEMBER, SENDER_GRANT_LIFE_MAX_MS } from "./limits.ts";

export interface Draft {
  readonly transfer: TransferId;
  readonly device: DeviceId;
  readonly purpose: Purpose;
  readonly profile: Profile;
  readonly handling: Handling;
  readonly blobLengthBytes: number;
  readonly partCount: number;
  readonly sealedTransferShare: Bytes;
  readonly senderGrant: KeptGrant;
  /** Where the organisation has a recovery key: P for two people with its cards. */
  readonly recoveryGrant?: KeptGrant | null;
}

/** A grant that answers to members alone; its S is sealed to a key of theirs. */
interface KeptGrant {
  readonly grant: GrantId;
  readonly terms: Bytes;
  readonly sealedGrantShare: Bytes;
  readonly slot: Bytes;
  readonly sealedLinkSecret: Bytes;
}

/**
 * Problems: `device/unknown`, `device/removed`, `transfer/bad-terms`, `transfer/life-too-long`, `transfer/conflict`,
 * `transfer/too-many-drafts`, `transfer/over-quota`,
 * `keys/…`.
 */
export async function draftTransfer(
  {
    store,
    perform,
    keys,
    random,
    sha256,
    now,
    quotaBytes = null,
  }: {
    store: Store;
    perform: Perform;
    keys: KeyService;
    random: Random;
    sha256: Sha256;
    now: number;
    /** What the blobs of one organisation may take; null: as much as the disk has. */
    quotaBytes?: number | null;
  },
  caller: MemberCaller,
  draft: Draft,
): Promise<TransferRecord> {
  const { senderGrant, recoveryGrant = null } = draft;
  const ids = { organisation: caller.organisation, transfer: draft.transfer };
  const { purpose, profile } = draft;
  const kept = [
    { kind: "sender", given: senderGrant } as const,
    ...(recoveryGrant === null ? [] : [{ kind: "recovery", given: recoveryGrant } as const]),
  ].map(({ kind, given }) => ({
    kind,
    given,
    hash: termsHash(sha256, given.terms),
    terms: acceptTerms(given.terms, {
      transfer: { id: draft.transfer, organisation: caller.organisation, purpose, profile },
      grant: given.grant,
      kind,
      lifeMaxMs: SENDER_GRANT_LIFE_MAX_MS,
      now,
    }),
  }));
  // Before the key service: a share that no transfer will ever have is in nobody's way, but many of them fill its ring.
  await store.read(async (view) => {
    if ((await madeBefore(view, caller, draft)) !== null) return;
    await requireRoom(view, caller, now);
    await requireQuota(view, caller, { quotaBytes, wantedBytes: draft.blobLengthBytes });
  });
  await keys.addTransfer({ ...ids, sealedTransferShare: draft.sealedTransferShare });
  for (const { grant, terms, sealedGrantShare } of kept.map(({ given }) => given))
    await keys.addGrant({ ...ids, grant, terms, sealedGrantShare });

  return perform(async (tx, at) => {
    await presentReaches(tx, caller, "draftTransfer");
    const known = await madeBefore(tx, caller, draft);
    if (known !== null) return { entries: [], value: known };
    // Again, where two at once cannot both take the last room.
    await requireQuota(tx, caller, { quotaBytes, wantedBytes: draft.blobLengthBytes });
    const transfer: TransferRecord = {
      id: draft.transfer,
      organisation: caller.organisation,
      member: caller.member,
      device: draft.device,
      purpose: draft.purpose,
      profile: draft.profile,
      handling: draft.handling,
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
    await tx.addTransfer(transfer);
    for (const { kind, given, hash, terms } of kept)
      await tx.addGrant({
        ...newGrant({ id: given.grant, transfer, kind, terms: given.terms, hash, slot: given.slot, at }),
        sealedLinkSecret: given.sealedLinkSecret,
        notBefore: terms.notBefore,
        notAfter: terms.notAfter,
        endsAt: terms.notAfter,
      });
    const entry = {
      type: "transfer/drafted",
      actor: { kind: "member", id: caller.member },
      organisation: caller.organisation,
      transfer,
      grant: senderGrant.grant,
      termsHash: termsHash(sha256, senderGrant.terms),
      detail: {
        purpose: draft.purpose,
        profile: draft.profile,
        handling: draft.handling,
        blobLengthBytes: draft.blobLengthBytes,
      },
    } as const;
    return { entries: [entry], value: transfer };
  });
}

/** The transfer when this very draft was made before, null when its id is free. Problems: `device/unknown`, `device/removed`, `transfer/conflict`. */
async function madeBefore(view: View, caller: MemberCaller, draft: Draft): Promise<TransferRecord | null> {
  await ownDevice(view, caller, draft.device);
  const known = await view.findTransfer(draft.transfer);
  if (known === null) return null;
  const grant = await view.findGrant(draft.senderGrant.grant);
  const same =
    known.member === caller.member &&
    known.device === draft.device &&
    known.handling === draft.handling &&
    grant !== null &&
    equalBytes(grant.terms, draft.senderGrant.terms) &&
    (await hasRecovery(view, draft));
  if (!same || known.blobLengthBytes !== draft.blobLengthBytes || known.partCount !== draft.partCount)
    throw transferProblem("transfer/conflict");
  return known;
}

/** Whether the stored transfer has just the recovery grant that this draft has. */
async function hasRecovery(view: View, { transfer, recoveryGrant }: Draft): Promise<boolean> {
  const stored = (await view.grantsOf(transfer)).find(({ kind }) => kind === "recovery");
  if (stored === undefined || !recoveryGrant) return stored === undefined && !recoveryGrant;
  return stored.id === recoveryGrant.grant && equalBytes(stored.terms, recoveryGrant.terms);
}

/** Problem `transfer/too-many-drafts`. Two at once may both pass: the bound is for those who would not stop at it. */
async function requireRoom(view: View, { member }: MemberCaller, now: number): Promise<void> {
  const drafts = await view.draftsOlderThan(now + CLOCK_SKEW_MS, OPEN_DRAFTS_LIMIT);
  const own = drafts.filter((draft) => draft.member === member);
  if (drafts.length >= OPEN_DRAFTS_LIMIT || own.length >= OPEN_DRAFTS_PER_MEMBER)
    throw transferProblem("transfer/too-many-drafts");
}

/**
 * The whole announced length is taken at the draft, so that an upload that was let in has room to its end; it is given back
 * when the blob is destroyed. Problem `transfer/over-quota`.
 */
async function requireQuota(
  view: View,
  { organisation }: MemberCaller,
  { quotaBytes, wantedBytes }: { quotaBytes: number | null; wantedBytes: number },
): Promise<void> {
  if (quotaBytes === null) return;
  const keptBytes = await view.keptBytes(organisation);
  if (keptBytes + wantedBytes > quotaBytes) throw overQuota({ wantedBytes, keptBytes, quotaBytes });
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
}): Omit<GrantRecord, "notBefore" | "notAfter" | "endsAt"> {
  return {
    id,
    transfer: transfer.id,
    organisation: transfer.organisation,
    kind,
    address: "",
    name: null,
    recipientOrganisation: null,
    language: null,
    state: "pending",
    terms,
    termsHash: hash,
    slot,
    sealedLinkSecret: null,
    releaseCap: 0,
    releases: 0,
    passcodeVerifierHash: null,
    factorFailures: 0,
    factorLockedUntil: 0,
    createdAt: at,
    confirmedAt: null,
    firstReleasedAt: null,
    receiptAt: null,
    termsAcceptedAt: null,
    deletionAttestedAt: null,
    problemKind: null,
    problemReportedAt: null,
    problemReports: 0,
    problemSettledAt: null,
    deletionCodes: 0,
    codeUndeliveredAt: null,
    suspendedAt: null,
    suspendedBy: null,
    endedAt: null,
    destroyDueAt: null,
    destroyedAt: null,
  };
}
