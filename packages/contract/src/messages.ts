/**
 * Requests and answers of the HTTP API under /api/v1, one group for each feature.
 * All in one file: groups share most of their fields, and a reader of the API finds each message by one search.
 * Request schemas turn text into branded types and bytes; answer schemas describe the JSON as it goes over the wire.
 */
import { z } from "zod";
import {
  bytesField,
  deviceId,
  displayName,
  enrolledFactorKind,
  fixedBytes,
  grantId,
  handling,
  instant,
  invitationId,
  mailAddress,
  memberId,
  memberRole,
  memberRoles,
  organisationId,
  problemKind,
  profile,
  purpose,
  recoveryId,
  secondFactorKind,
  sixDigitCode,
  tokenId,
  transferId,
} from "./fields.ts";

export const LIMITS = {
  recipientsPerTransfer: 50,
  partsPerTransfer: 10_000,
  partBytes: 512 * 1024 * 1024,
  /** 1 TiB of files (envelope) with what segments, manifest and padding add: two of Padmé's steps at this length. */
  blobBytes: 1024 ** 4 + 2 * 16 * 1024 ** 3,
  /** A recipient's link lives at most this long, counted from the seal. */
  grantLifeMs: 7 * 24 * 60 * 60 * 1000,
  /** What is searched for among recipients. */
  searchTextLength: 100,
  tokensPerMember: 20,
  /** Open invitations count too. */
  membersPerOrganisation: 500,
  devicesPerMember: 100,
  requestBodyBytes: 4 * 1024 * 1024,
  passwordMinLength: 15,
  passwordMaxLength: 128,
  /** WebAuthn Level 3 §4, credential id. */
  passkeyIdBytes: 1023,
  passkeyClientDataBytes: 4096,
  passkeyDataBytes: 8192,
  passkeySignatureBytes: 1024,
} as const;

const text = z.string();
const wireBytes = z.string().meta({ description: "base64url without padding" });

// Instance, set-up, identity

export const instanceAnswer = z.object({
  evaluation: z.boolean(),
  setUp: z.boolean(),
  organisation: z.object({ id: text, name: text }).nullable(),
  keyService: z.object({
    signingPublicKey: wireBytes,
    intake: z.object({ publicKey: wireBytes, notBefore: z.number(), notAfter: z.number(), signature: wireBytes }),
  }),
  ledger: z.object({ origin: text, verifierKey: text, checkpointUrl: text }),
  mailboxUrl: text.nullable(),
});

export const setupToken = bytesField({ minBytes: 32, maxBytes: 32 });
const password = z.string().max(4 * LIMITS.passwordMaxLength);

export const setupEnrolmentRequest = z.strictObject({
  setupToken,
  organisation: z.strictObject({ name: displayName() }),
  member: z.strictObject({ name: displayName(), address: mailAddress }),
  password,
});
export const authenticatorAnswer = z.object({ otpauthUri: text, secret: text });
export const setupCompletionRequest = z.strictObject({ setupToken, code: sixDigitCode });
export const memberAnswer = z.object({
  member: z.object({ id: text, name: text, address: text, roles: z.array(memberRole) }),
  organisation: z.object({ id: text, name: text }),
});
export const setupCompletionAnswer = memberAnswer.extend({
  apiToken: text.meta({ description: "Shown once. For scripts and the command line." }),
});

export const testMailAnswer = z.object({ address: text });

export const signInRequest = z.strictObject({ address: mailAddress, password, code: sixDigitCode });

export const sessionAnswer = z.object({
  name: text.meta({ description: "Of the member whose session it is" }),
  locked: z.boolean().meta({ description: "Nothing but unlocking and an upload that began before is possible" }),
  locksInMs: z.number().meta({ description: "Without use; 0 when it is locked" }),
  endsInMs: z.number(),
});
export const proofRequest = z.strictObject({ password, code: sixDigitCode });
export const sessionListAnswer = z.object({
  sessions: z.array(
    z.object({
      id: text,
      browser: z.enum(["chrome", "edge", "firefox", "opera", "safari", "samsung", "other"]),
      system: z.enum(["android", "chromeos", "ios", "linux", "macos", "windows", "other"]),
      createdAt: instant,
      lastUsedAt: instant,
      locked: z.boolean(),
      current: z.boolean().meta({ description: "The one that asks" }),
    }),
  ),
});

export const tokenCreationRequest = z.strictObject({ name: displayName(60) });
export const tokenAnswer = z.object({ id: text, name: text, createdAt: instant, lastUsedAt: instant.nullable() });
export const createdTokenAnswer = tokenAnswer.extend({ token: text });
export const tokenListAnswer = z.object({ tokens: z.array(tokenAnswer) });

// Members

export const rolesRequest = z.strictObject({ roles: memberRoles });
export const invitationRequest = z.strictObject({ address: mailAddress, name: displayName(), roles: memberRoles });
export const memberInvitation = z.object({
  id: text,
  name: text,
  address: text,
  roles: z.array(memberRole),
  createdAt: instant,
  sentAt: instant,
  expiresAt: instant,
  undeliveredAt: instant.nullable().meta({ description: "The newest mail found no way" }),
});
export const memberListAnswer = z.object({
  members: z.array(
    z.object({
      id: text,
      name: text,
      address: text,
      roles: z.array(memberRole),
      createdAt: instant,
      seenAt: instant.nullable(),
    }),
  ),
  invitations: z.array(memberInvitation),
});

export const invitationToken = bytesField({ minBytes: 32, maxBytes: 32 });
export const invitedRequest = z.strictObject({ token: invitationToken });
export const invitedAnswer = z.object({
  organisation: text,
  name: text,
  address: text,
  roles: z.array(memberRole),
  expiresAt: instant,
});
export const joiningRequest = z.strictObject({ token: invitationToken, name: displayName(), password });
export const joiningCompletion = z.strictObject({ token: invitationToken, code: sixDigitCode });

// Devices

const publicHpkeKey = bytesField({ minBytes: 32, maxBytes: 2048 });
export const deviceRequest = z.strictObject({
  device: deviceId,
  name: displayName(60),
  signingPublicKey: fixedBytes(32),
  hpkePublicKey: publicHpkeKey,
  proof: fixedBytes(32),
});
const memberKeyWrap = { generation: z.int().min(1).max(1000) };
/** How much one change of a member's devices can bring. A rotation has as many wraps as holders; a new device one per generation. */
export const chainExtensionRequest = z.strictObject({
  from: z.int().min(0).max(1000),
  statements: z
    .array(z.strictObject({ statement: bytesField({ minBytes: 1, maxBytes: 4096 }), signature: fixedBytes(64) }))
    .min(1)
    .max(50),
  wraps: z
    .array(z.strictObject({ ...memberKeyWrap, holder: deviceId, sealed: bytesField({ minBytes: 32, maxBytes: 4096 }) }))
    .max(1000),
  sealedKeys: z
    .array(z.strictObject({ holder: deviceId, sealed: bytesField({ minBytes: 32, maxBytes: 1024 }) }))
    .max(5),
  approvals: z.array(z.strictObject({ device: deviceId, proof: fixedBytes(32) })).max(5),
  startOver: z.boolean(),
});
const statement = z.object({ statement: wireBytes, signature: wireBytes });
export const memberChainAnswer = z.object({
  statements: z.array(statement),
  wraps: z.array(z.object({ generation: z.int(), holder: text, sealed: wireBytes })),
  devices: z.array(
    z.object({ id: text, sealedKeys: wireBytes.nullable(), createdAt: instant, removedAt: instant.nullable() }),
  ),
  requests: z.array(
    z.object({
      device: text,
      name: text,
      signingPublicKey: wireBytes,
      hpkePublicKey: wireBytes,
      proof: wireBytes,
      approval: wireBytes.nullable(),
      createdAt: instant,
    }),
  ),
});

// Sending

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
    .object({ kind: problemKind, reportedAt: instant })
    .nullable()
    .meta({ description: "What the recipient reported last" }),
  deletionAttestedAt: instant.nullable().meta({ description: "The recipient said that their copies are deleted" }),
  suspendedAt: instant.nullable().meta({ description: "Sender or compliance officer closed the link for now" }),
  codeUndeliveredAt: instant.nullable().meta({ description: "The last code could not be mailed in its time" }),
  endedAt: instant.nullable(),
  destroyedAt: instant.nullable(),
});
/** Of the key service, which judges its own clock. */
export const keyClockAnswer = z.object({
  state: z.enum(["steady", "ahead", "behind", "settling"]),
  wall: instant.meta({ description: "The key service's wall clock" }),
  highWaterAt: instant.meta({ description: "The latest time that it believes" }),
  lastedMs: z.number().meta({ description: "How long this state has lasted, not by the wall clock" }),
  resets: z.number().meta({ description: "How often two custodians have set it right" }),
  custodians: z.number(),
  confirmed: z.number().meta({ description: "How many custodians have confirmed this clock" }),
});
export const clockConfirmationRequest = z.strictObject({
  custodian: fixedBytes(32),
  resets: z.int().min(0).max(0xffffffff),
  time: z.int().min(0).meta({ description: "By the custodian's own clock" }),
  signature: fixedBytes(64),
});
export const clockConfirmationAnswer = z.object({
  missing: z.number().meta({ description: "How many more custodians have to confirm; 0: the clock counts again" }),
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
export const certificateAnswer = z.looseObject({ format: text, version: z.int() });

// Receiving

export const invitationAnswer = z.object({
  organisation: text,
  sender: text,
  purpose,
  profile,
  notBefore: instant,
  notAfter: instant,
  addressHint: text.meta({ description: "The recipient's address with its middle hidden" }),
  evaluation: z.boolean(),
});
export const codeAnswer = z.object({ addressHint: text, expiresInSeconds: z.int(), nextInSeconds: z.int() });
export const confirmationRequest = z.strictObject({ code: sixDigitCode });
export const confirmationAnswer = z.object({
  session: text,
  expiresAt: instant,
  address: text.meta({ description: "The recipient's whole address, told to whoever has just proven it" }),
  terms: wireBytes.meta({
    description:
      "Encoded terms of the grant: which second factor it demands, a passcode's salt, what it asks to accept",
  }),
  termsAcceptedAt: instant.nullable().meta({ description: "When its conditions were accepted through this link" }),
});
export const passcodeRequest = z.strictObject({
  verifier: fixedBytes(32).meta({ description: "Derived from passcode and link; the server has a hash of it" }),
});
export const authenticatorCodeRequest = z.strictObject({ code: sixDigitCode });
const credentialId = bytesField({ minBytes: 16, maxBytes: LIMITS.passkeyIdBytes });
const clientData = bytesField({ minBytes: 2, maxBytes: LIMITS.passkeyClientDataBytes }).meta({
  description: "The browser's clientDataJSON",
});
export const passkeyChallengeAnswer = z.object({
  challenge: wireBytes.meta({ description: "To be signed once, in this session, user verification required" }),
  rpId: text,
  expiresInSeconds: z.int(),
});
export const passkeyRequest = z.strictObject({
  credentialId,
  clientData,
  authenticatorData: bytesField({ minBytes: 37, maxBytes: LIMITS.passkeyDataBytes }),
  signature: bytesField({ minBytes: 8, maxBytes: LIMITS.passkeySignatureBytes }),
});
export const passkeyEnrolmentAnswer = z.object({
  challenge: wireBytes,
  rpId: text,
  organisation: text,
  address: text,
  userHandle: wireBytes.meta({ description: "32 bytes, the same for each passkey of this address" }),
  enrolled: z.array(wireBytes).meta({ description: "Credential ids that the device is not to make again" }),
});
export const passkeyRegistration = z.strictObject({
  credentialId,
  clientData,
  attestationObject: bytesField({ minBytes: 37, maxBytes: LIMITS.passkeyDataBytes }).meta({
    description: "Without certificates: attestation `none`, or signed by the new key itself",
  }),
});
export const ownFactorsAnswer = z.object({
  enrolled: z.array(enrolledFactorKind),
  removable: z.array(enrolledFactorKind).meta({ description: "What this session was opened with" }),
});
export const ownFactorRemoval = z.strictObject({ factor: enrolledFactorKind });
export const recipientFactorsRequest = z.strictObject({ address: mailAddress });
export const recipientFactorsAnswer = z.object({ enrolled: z.array(enrolledFactorKind) });
export const recipientFactorRemoval = z.strictObject({ address: mailAddress, factor: enrolledFactorKind });
export const problemReport = z.strictObject({ kind: problemKind });
export const acceptanceRequest = z.strictObject({
  termsHash: fixedBytes(32).meta({ description: "Of the encoded terms that the recipient was shown" }),
});
export const releaseRequest = z.strictObject({ ephemeralPublicKey: publicHpkeKey });
export const blobTarget = z.object({ url: text, expiresAt: instant });
export const releaseAnswer = z.object({
  organisation: text,
  transfer: text,
  grant: text,
  terms: wireBytes,
  slot: wireBytes,
  sealedShares: wireBytes,
  sealRecord: wireBytes,
  sealSignature: wireBytes,
  signingPublicKey: wireBytes,
  blob: blobTarget,
});
export const memberReleaseRequest = z.strictObject({
  device: deviceId,
  ephemeralPublicKey: publicHpkeKey,
  signature: fixedBytes(64),
});
export const memberReleaseAnswer = releaseAnswer.extend({ sealedLinkSecret: wireBytes });

// Audit

export * from "./audit-messages.ts";

// Recovery by two people of the organisation

export const recoveryKeyRequest = z.strictObject({
  device: deviceId,
  statement: bytesField({ minBytes: 1, maxBytes: 4096 }),
  signature: fixedBytes(64),
});
export const recoveryKeyAnswer = z.object({
  key: z
    .object({
      statement: wireBytes,
      signature: wireBytes,
      signingPublicKey: wireBytes,
      deviceName: text,
      createdAt: instant,
    })
    .nullable(),
});
export const recoveryRequest = z.strictObject({ recovery: recoveryId, device: deviceId, signature: fixedBytes(64) });
export const recoveryApproval = z.strictObject({ device: deviceId, signature: fixedBytes(64) });
export const recoveryListAnswer = z.object({
  recoveries: z.array(
    z.object({
      id: text,
      transfer: text,
      member: z.object({ id: text, name: text }),
      device: z.object({ id: text, name: text }),
      signature: wireBytes,
      createdAt: instant,
      expiresAt: instant,
      approvedBy: text.nullable(),
      released: z.boolean(),
    }),
  ),
});

export const receiptRequest = z.strictObject({ files: z.int().min(0).max(10_000), verified: z.literal(true) });

// Evaluation mailbox

export const mailboxAnswer = z.object({
  messages: z.array(z.object({ to: text, subject: text, text: text, at: instant })),
});

// Problems (RFC 9457)

export const problemAnswer = z.object({
  type: text,
  title: text,
  status: z.int(),
  code: text,
  field: text.optional(),
  retryAfterSeconds: z.int().optional(),
  issues: z.array(z.object({ field: text, message: text })).optional(),
});

export const pathOf = { organisationId, memberId, tokenId, transferId, grantId, recoveryId, invitationId };
