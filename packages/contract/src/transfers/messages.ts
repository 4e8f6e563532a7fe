/** Requests and answers about sending, and about what became of it. */
import { z } from "zod";
import {
  bytesField,
  deviceId,
  displayName,
  fixedBytes,
  grantId,
  handling,
  instant,
  language,
  mailAddress,
  problemKind,
  profile,
  purpose,
  secondFactorKind,
  transferId,
} from "../fields.ts";
import { LIMITS } from "../limits.ts";
import { publicHpkeKey, text, wireBytes } from "../pieces.ts";
import { releaseAnswer } from "../receiving/messages.ts";

const sealedShare = bytesField({ minBytes: 48, maxBytes: 4096 });
const slot = bytesField({ minBytes: 48, maxBytes: 256 });
const encodedTerms = bytesField({ minBytes: 1, maxBytes: 512 });

const keptGrant = z.strictObject({
  grant: grantId,
  terms: encodedTerms,
  sealedGrantShare: sealedShare,
  slot,
  sealedLinkSecret: bytesField({ minBytes: 48, maxBytes: 4096 }),
});

export const draftRequest = z.strictObject({
  transfer: transferId,
  device: deviceId,
  purpose,
  profile,
  handling: handling.default("regulated"),
  blobLengthBytes: z.int().min(1).max(LIMITS.blobBytes),
  partCount: z.int().min(1).max(LIMITS.partsPerTransfer),
  sealedTransferShare: sealedShare,
  senderGrant: keptGrant,
  recoveryGrant: keptGrant
    .nullable()
    .default(null)
    .meta({ description: "Where the organisation has a recovery key: its S is sealed to that key" }),
});

export const partTarget = z.object({
  number: z.int(),
  method: z.literal("PUT"),
  url: text,
  headers: z.record(z.string(), z.string()),
  expiresAt: instant,
});
export const partTargetsRequest = z.strictObject({
  parts: z
    .array(
      z.strictObject({
        number: z.int().min(1).max(LIMITS.partsPerTransfer),
        sizeBytes: z.int().min(1).max(LIMITS.partBytes),
      }),
    )
    .min(1)
    .max(100),
});
export const partTargetsAnswer = z.object({ targets: z.array(partTarget) });
/** `sha256`: the digest of the part (docs/formats/envelope.md), of parts that were put before there was one their SHA-256. */
export const heldPart = z.object({ number: z.int(), sizeBytes: z.int(), sha256: wireBytes });
export const heldPartsAnswer = z.object({ parts: z.array(heldPart) });

export const recipientGrant = z.strictObject({
  grant: grantId,
  address: mailAddress,
  name: displayName().nullable(),
  organisation: displayName()
    .nullable()
    .default(null)
    .meta({ description: "Where the recipient works, in the sender's words; nobody checks it" }),
  language: language
    .nullable()
    .default(null)
    .meta({ description: "Of the mails about this link, and of its page; null: the organisation's" }),
  terms: encodedTerms,
  sealedGrantShare: sealedShare,
  slot,
  passcodeVerifierHash: fixedBytes(32)
    .nullable()
    .default(null)
    .meta({ description: "SHA-256 of the passcode's verifier where the terms demand a passcode, else null" }),
});
export const recipientAddition = z.strictObject({
  device: deviceId,
  signature: fixedBytes(64),
  recipient: recipientGrant,
  replaces: grantId.nullable(),
});
export const sealRequest = z.strictObject({
  record: bytesField({ minBytes: 1, maxBytes: 1024 }),
  signature: fixedBytes(64),
  grants: z.array(recipientGrant).min(1).max(LIMITS.recipientsPerTransfer),
});

export const grantState = z.enum(["pending", "confirmed", "used", "expired", "revoked", "capped", "closed"]);
export const transferState = z.enum(["draft", "active", "expired", "revoked", "destroyed", "abandoned"]);
const conditions = z
  .object({ mayStore: z.boolean(), deleteByDays: z.int().nullable() })
  .nullable()
  .meta({ description: "What the recipient accepts before anything is released; null: nothing" });
export const grantAnswer = z.object({
  id: text,
  address: text,
  name: text.nullable(),
  organisation: text.nullable().meta({ description: "Where the recipient works, in the sender's words" }),
  language: language.nullable().meta({ description: "Of the mails about this link; null: the organisation's" }),
  state: grantState,
  notBefore: instant,
  notAfter: instant,
  releaseCap: z.int(),
  releases: z.int(),
  secondFactor: secondFactorKind.nullable(),
  locked: z.boolean().meta({ description: "Too many wrong passcodes: only a fresh link helps" }),
  confirmedAt: instant.nullable(),
  firstReleasedAt: instant.nullable(),
  receiptAt: instant.nullable(),
  closesOnReceipt: z.boolean().meta({ description: "A receipt closes the link after 15 minutes" }),
  closesAt: instant.nullable().meta({ description: "When a receipt closes the link, where that is before `notAfter`" }),
  conditions,
  termsAcceptedAt: instant.nullable(),
  problem: z
    .object({
      kind: problemKind,
      reportedAt: instant,
      reports: z.int().meta({ description: "How many there were: a mark names it" }),
      settledAt: instant.nullable().meta({ description: "Marked as dealt with; null again with a new report" }),
    })
    .nullable()
    .meta({ description: "What the recipient reported last" }),
  deletionAttestedAt: instant.nullable().meta({ description: "The recipient said that their copies are deleted" }),
  suspendedAt: instant.nullable().meta({ description: "Sender or compliance officer closed the link for now" }),
  closedByOfficer: z.boolean().meta({ description: "An officer closed it for now: the sender cannot open it again" }),
  codeUndeliveredAt: instant.nullable().meta({ description: "The last code could not be mailed in its time" }),
  endedAt: instant.nullable(),
  destroyedAt: instant.nullable(),
});

export const problemMark = z.strictObject({
  reports: z.int().min(1).meta({ description: "`problem.reports` as it was looked at: a later report is not marked" }),
});

export const holdReason = z.enum(["litigation", "audit", "investigation", "patient-request", "other"]);
export const holdRequest = z.object({ reason: holdReason });
export const holdLiftRequest = z.object({
  reason: holdReason.nullable().meta({ description: "null lifts every hold" }),
});

export const transferAnswer = z.object({
  id: text,
  state: transferState,
  purpose,
  profile,
  handling,
  sender: z.object({ id: text, name: text }),
  createdAt: instant,
  sealedAt: instant.nullable(),
  endedAt: instant.nullable(),
  destroyedAt: instant.nullable(),
  blobLengthBytes: z.int(),
  partCount: z.int(),
  heldParts: z.int(),
  holds: z
    .array(z.object({ id: text, reason: holdReason, placedAt: instant }))
    .meta({ description: "Holds that stand: nothing is destroyed, and nothing is opened by them" }),
  grants: z.array(grantAnswer),
});
export const transferListAnswer = z.object({ transfers: z.array(transferAnswer), next: text.nullable() });
/** Asked for with POST although it changes nothing: what is searched for is personal, and a body stands in no log and no history. */
export const transferSearchRequest = z.strictObject({
  group: z.enum(["all", "open", "waiting", "attention", "drafts", "ended"]).default("all"),
  sender: z.enum(["all", "own"]).default("all"),
  from: instant.nullable().default(null).meta({ description: "Made at or after" }),
  to: instant.nullable().default(null).meta({ description: "Made before" }),
  text: displayName(LIMITS.searchTextLength)
    .nullable()
    .default(null)
    .meta({ description: "Words that one recipient has in address, name and organisation, or the id of a transfer" }),
  after: transferId.nullable().default(null).meta({ description: "`next` of the answer before" }),
});
export const transferSearchAnswer = z.object({
  transfers: z.array(transferAnswer),
  next: text.nullable().meta({ description: "Where to go on; also set where nothing was found yet. null: the end" }),
  lookedBackTo: instant.nullable().meta({ description: "How far back this answer has looked, where there is more" }),
});
export const attentionAnswer = z.object({
  transfers: z
    .int()
    .min(0)
    .meta({ description: "Those within reach that need attention; 100 stands for that many or more" }),
});

export const memberReleaseRequest = z.strictObject({
  device: deviceId,
  ephemeralPublicKey: publicHpkeKey,
  signature: fixedBytes(64),
});
export const memberReleaseAnswer = releaseAnswer.extend({ sealedLinkSecret: wireBytes });
