/**
 * The database, as use cases see it. A transaction is serialisable: two that cannot stand in some order, one after the other,
 * are not both committed (SQLite has one writer; PostgreSQL runs SERIALIZABLE and the adapter repeats on 40001 and 40P01,
 * so `work` may run more than once and must touch nothing but `tx`). Nothing but the database is awaited inside.
 */
import type {
  Bytes,
  DeviceId,
  FactorId,
  GrantId,
  HoldId,
  InvitationId,
  JobId,
  MemberId,
  OrganisationId,
  RecoveryId,
  SessionId,
  TokenId,
  TransferId,
} from "@safeconduct/foundation";
import type { EventType } from "@safeconduct/ledger";
import type { DestructionCause } from "./retention/cause.ts";
import type {
  CodeRecord,
  DeviceRecord,
  DeviceRequestRecord,
  EventRecord,
  FactorRecord,
  GrantRecord,
  HoldRecord,
  InstanceRecord,
  InvitationRecord,
  JobRecord,
  MemberKeyWrapRecord,
  MemberPasskeyRecord,
  MemberRecord,
  OrganisationRecord,
  PasskeyChallengeRecord,
  RecoveryKeyRecord,
  RecoveryRecord,
  RecipientOutline,
  ReleaseKeyRecord,
  SequencedEvent,
  SessionRecord,
  StatementRecord,
  TokenRecord,
  TransferOutline,
  TransferRecord,
  VerificationRecord,
} from "./records.ts";
import type { StoredPart } from "./storage/ports.ts";

export interface Store {
  /** Durable when it resolves. A rejection of `work` leaves nothing behind and comes out unchanged. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Makes what was deleted or overwritten unreadable in the database's own files, as far as the database can. Never inside a
   * transaction.
   */
  scrub(): Promise<void>;
  /** One consistent view, no writes. */
  read<T>(work: (view: View) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Of how many links of one address or recipient's organisation, the newest, the events are walked. */
export const WALKED_GRANTS_LIMIT = 1000;

/**
 * Which events a search goes along; each way has an index of its own. `organisation: null` stands for events of the instance
 * itself. `address`, `recipient-organisation`: of recipients, upper and lower case (of ASCII) alike, over the newest
 * {@link WALKED_GRANTS_LIMIT} links.
 */
export type EventWalk =
  | { readonly along: "time" | "refused"; readonly organisation: OrganisationId | null }
  | { readonly along: "type"; readonly organisation: OrganisationId | null; readonly type: EventType }
  | { readonly along: "member"; readonly organisation: OrganisationId; readonly member: MemberId }
  | { readonly along: "address"; readonly organisation: OrganisationId; readonly address: string }
  | { readonly along: "recipient-organisation"; readonly organisation: OrganisationId; readonly name: string };

/** Where an event stands when events are ordered by time; `number` settles equal times. */
export interface EventPlace {
  readonly at: number;
  readonly number: number;
}

export interface PlacedEvent extends SequencedEvent {
  readonly number: number;
}

/** Reads. Every `find…` answers null for what is not there. Hash look-ups compare in the database. */
export interface View {
  instance(): Promise<InstanceRecord>;
  organisation(id: OrganisationId): Promise<OrganisationRecord | null>;
  /** The first organisation made, or null before set-up. */
  firstOrganisation(): Promise<OrganisationRecord | null>;
  findMember(id: MemberId): Promise<MemberRecord | null>;
  /** All members in the order of their ids, strictly after `after` where given. For checks of the whole. */
  membersAfter(after: MemberId | null, limit: number): Promise<readonly MemberRecord[]>;
  findSession(tokenHash: Uint8Array): Promise<SessionRecord | null>;
  /** Expired ones too, in the order they were opened. */
  sessionsOf(member: MemberId): Promise<readonly SessionRecord[]>;
  /** What a member signs in with, in the order they came. */
  passkeysOf(member: MemberId): Promise<readonly MemberPasskeyRecord[]>;
  findPasskey(credentialId: Uint8Array): Promise<MemberPasskeyRecord | null>;
  findChallenge(holder: Uint8Array): Promise<PasskeyChallengeRecord | null>;
  findToken(tokenHash: Uint8Array): Promise<TokenRecord | null>;
  /** Not revoked, oldest first. */
  tokensOf(member: MemberId): Promise<readonly TokenRecord[]>;
  findDevice(id: DeviceId): Promise<DeviceRecord | null>;
  /** How many devices a member has enrolled. */
  deviceCount(member: MemberId): Promise<number>;
  /** Removed ones too, in the order they came. */
  devicesOf(member: MemberId): Promise<readonly DeviceRecord[]>;
  /** By position. */
  statementsOf(member: MemberId): Promise<readonly StatementRecord[]>;
  /** By generation. */
  memberKeyWrapsOf(member: MemberId): Promise<readonly MemberKeyWrapRecord[]>;
  deviceRequestsOf(member: MemberId): Promise<readonly DeviceRequestRecord[]>;
  /** The newest. */
  recoveryKeyOf(organisation: OrganisationId): Promise<RecoveryKeyRecord | null>;
  findRecovery(id: RecoveryId): Promise<RecoveryRecord | null>;
  /** In the order they came. */
  recoveriesOf(organisation: OrganisationId): Promise<readonly RecoveryRecord[]>;
  /** Those who were not removed. */
  memberCount(organisation: OrganisationId): Promise<number>;
  /** Removed ones too, in the order they came. */
  membersOf(organisation: OrganisationId): Promise<readonly MemberRecord[]>;
  findInvitation(id: InvitationId): Promise<InvitationRecord | null>;
  findInvitationByToken(tokenHash: Uint8Array): Promise<InvitationRecord | null>;
  /** In the order they were made. */
  invitationsOf(organisation: OrganisationId): Promise<readonly InvitationRecord[]>;
  findTransfer(id: TransferId): Promise<TransferRecord | null>;
  /** Newest first, strictly older than `after` where given; of one sender where `member` is given. */
  transfersOf(
    organisation: OrganisationId,
    page: { limit: number; after: TransferId | null; member?: MemberId },
  ): Promise<readonly TransferRecord[]>;
  /**
   * As `transfersOf`, with what a search looks at only. `before`: only those made before it. `troubled`: only those on which a hold
   * stands, or of which a recipient's open link is suspended, is locked (ten wrong factors), got no code, or has a problem reported.
   */
  transferOutlines(
    organisation: OrganisationId,
    page: { limit: number; after: TransferId | null; before: number | null; member?: MemberId; troubled: boolean },
  ): Promise<readonly TransferOutline[]>;
  /** Of the recipients of these transfers, in no order. */
  recipientOutlines(transfers: readonly TransferId[]): Promise<readonly RecipientOutline[]>;
  /** How many are troubled in the same sense, of one sender where `member` is given: `limit` at the most. */
  troubledCount(organisation: OrganisationId, of: { limit: number; member?: MemberId }): Promise<number>;
  /** All transfers in the order of their ids, strictly after `after` where given. For checks of the whole. */
  transfersAfter(after: TransferId | null, limit: number): Promise<readonly TransferRecord[]>;
  /** Announced lengths of an organisation's blobs that are not destroyed yet, drafts included, in bytes. */
  keptBytes(organisation: OrganisationId): Promise<number>;
  /** By part number. */
  partsOf(transfer: TransferId): Promise<readonly StoredPart[]>;
  /** Of the parts that are held, without number `besides` where it is given. */
  heldTotals(
    transfer: TransferId,
    besides: number | null,
  ): Promise<{ readonly count: number; readonly sizeBytes: number }>;
  findGrant(id: GrantId): Promise<GrantRecord | null>;
  /** In the order they were added; the sender's own first, then the organisation's recovery. */
  grantsOf(transfer: TransferId): Promise<readonly GrantRecord[]>;
  findReleaseKey(grant: GrantId, keyHash: Uint8Array): Promise<ReleaseKeyRecord | null>;
  releaseKeyCount(grant: GrantId): Promise<number>;
  findCode(grant: GrantId): Promise<CodeRecord | null>;
  findVerification(tokenHash: Uint8Array): Promise<VerificationRecord | null>;
  findVerificationById(id: SessionId): Promise<VerificationRecord | null>;
  /** What the address behind the digest has enrolled at the organisation, unconfirmed ones too, oldest first. */
  findFactors(organisation: OrganisationId, addressDigest: Uint8Array): Promise<readonly FactorRecord[]>;
  /** Recipient grants that are pending, confirmed or used with endsAt ≤ `now`, oldest end first. */
  grantsPastEnd(now: number, limit: number): Promise<readonly GrantRecord[]>;
  /** In the order they were placed, lifted ones too. */
  holdsOf(transfer: TransferId): Promise<readonly HoldRecord[]>;
  /** Holds that stand and that the key service was not told of yet, oldest first. */
  holdsToTell(limit: number): Promise<readonly HoldRecord[]>;
  /**
   * Ended grants with destroyDueAt ≤ `now` and not destroyed, whose transfer goes on: it is neither destroyed nor due itself, and
   * no hold stands on it.
   */
  grantsToDestroy(now: number, limit: number, cause: DestructionCause): Promise<readonly GrantRecord[]>;
  /** Transfers with destroyDueAt ≤ `now` and not destroyed, on which no hold stands. */
  transfersToDestroy(now: number, limit: number, cause: DestructionCause): Promise<readonly TransferRecord[]>;
  /** Drafts made before `before`. */
  draftsOlderThan(before: number, limit: number): Promise<readonly TransferRecord[]>;
  findJob(id: JobId): Promise<JobRecord | null>;
  /** Jobs with dueAt ≤ `now`, oldest first. */
  jobsDue(now: number, limit: number): Promise<readonly JobRecord[]>;
  /** Events of a transfer in ledger order, sequenced ones only. */
  eventsOf(transfer: TransferId): Promise<readonly SequencedEvent[]>;
  /** Leaves with index ≥ `from`, in order, at most `limit`. */
  leavesFrom(from: number, limit: number): Promise<readonly SequencedEvent[]>;
  /** Events that have no place in the ledger yet, in the order of their commits, at most `limit`. */
  waitingEvents(limit: number): Promise<readonly EventRecord[]>;
  /**
   * Sequenced events of one walk, newest first by time and then by the order of commits, strictly older than `before`, not older
   * than `since`.
   */
  walkEvents(
    walk: EventWalk,
    page: { readonly before: EventPlace; readonly since: number; readonly limit: number },
  ): Promise<readonly PlacedEvent[]>;
  /** The member of the organisation with this address, upper and lower case alike; the first where several have it. */
  findMemberByAddress(organisation: OrganisationId, address: string): Promise<MemberRecord | null>;
  /** Recipients' grants that are pending, confirmed or used with notAfter > `now`, the next to end first; from `skip` on. */
  openGrants(
    organisation: OrganisationId,
    page: { readonly now: number; readonly skip: number; readonly limit: number },
  ): Promise<readonly GrantRecord[]>;
  /** Number of sequenced events. */
  sequencedCount(): Promise<number>;
}

/** Reads and writes. `add…` of an id that exists rejects with Problem `store/conflict`. */
export interface Transaction extends View {
  saveInstance(record: InstanceRecord): Promise<void>;
  addOrganisation(record: OrganisationRecord): Promise<void>;
  addMember(record: MemberRecord): Promise<void>;
  updateMember(
    id: MemberId,
    change: Partial<Pick<MemberRecord, "roles" | "language" | "seenAt" | "removedAt">>,
  ): Promise<void>;
  addInvitation(record: InvitationRecord): Promise<void>;
  updateInvitation(
    id: InvitationId,
    change: Partial<
      Pick<InvitationRecord, "salt" | "tokenHash" | "sentAt" | "expiresAt" | "undeliveredAt" | "pendingName">
    >,
  ): Promise<void>;
  deleteInvitation(id: InvitationId): Promise<void>;
  addSession(record: SessionRecord): Promise<void>;
  /** Nothing happens when it is gone. */
  updateSession(id: SessionId, change: Partial<Pick<SessionRecord, "usedAt" | "lockedAt" | "provenAt">>): Promise<void>;
  endSession(id: SessionId): Promise<void>;
  endSessionsOf(member: MemberId): Promise<void>;
  addPasskey(record: MemberPasskeyRecord): Promise<void>;
  updatePasskey(id: FactorId, change: Partial<Pick<MemberPasskeyRecord, "counter" | "usedAt">>): Promise<void>;
  /** Nothing happens when it is gone. */
  deletePasskey(id: FactorId): Promise<void>;
  /** Adds, or takes the place of what the holder was asked before. */
  saveChallenge(record: PasskeyChallengeRecord): Promise<void>;
  deleteChallenge(holder: Uint8Array): Promise<void>;
  addToken(record: TokenRecord): Promise<void>;
  touchToken(id: TokenId, usedAt: number): Promise<void>;
  revokeToken(id: TokenId, at: number): Promise<void>;
  addDevice(record: DeviceRecord): Promise<void>;
  /** Gone: no member key is sealed to it any more, and its own sealed keys are forgotten. */
  removeDevice(id: DeviceId, removedAt: number): Promise<void>;
  addStatement(record: StatementRecord): Promise<void>;
  addMemberKeyWrap(record: MemberKeyWrapRecord): Promise<void>;
  /** Forgets statements and wraps of a member who begins anew. */
  forgetMemberChain(member: MemberId): Promise<void>;
  addDeviceRequest(record: DeviceRequestRecord): Promise<void>;
  approveDeviceRequest(id: DeviceId, approval: Bytes): Promise<void>;
  forgetDeviceRequests(before: number): Promise<void>;
  addRecoveryKey(record: RecoveryKeyRecord): Promise<void>;
  addRecovery(record: RecoveryRecord): Promise<void>;
  updateRecovery(
    id: RecoveryId,
    change: Partial<Pick<RecoveryRecord, "approvedBy" | "approvedAt" | "releasedKeyHash">>,
  ): Promise<void>;
  forgetRecoveries(before: number): Promise<void>;
  addTransfer(record: TransferRecord): Promise<void>;
  updateTransfer(id: TransferId, change: Partial<Omit<TransferRecord, "id">>): Promise<void>;
  /** Adds or replaces. */
  savePart(transfer: TransferId, part: StoredPart): Promise<void>;
  deleteParts(transfer: TransferId): Promise<void>;
  addGrant(record: GrantRecord): Promise<void>;
  updateGrant(id: GrantId, change: Partial<Omit<GrantRecord, "id">>): Promise<void>;
  addReleaseKey(record: ReleaseKeyRecord): Promise<void>;
  addHold(record: HoldRecord): Promise<void>;
  updateHold(id: HoldId, change: Partial<Omit<HoldRecord, "id">>): Promise<void>;
  saveCode(record: CodeRecord): Promise<void>;
  addVerification(record: VerificationRecord): Promise<void>;
  /** The second factor was passed in this session. */
  passFactor(id: SessionId, at: number): Promise<void>;
  /** Takes the place of the challenge before; null forgets it. */
  setChallenge(id: SessionId, challenge: Bytes | null, expiresAt: number): Promise<void>;
  addFactor(record: FactorRecord): Promise<void>;
  updateFactor(
    id: FactorId,
    change: Partial<Pick<FactorRecord, "counter" | "failures" | "lockedUntil" | "confirmedAt">>,
  ): Promise<void>;
  /** Forgets it with its secret. Nothing happens when it is gone. */
  deleteFactor(id: FactorId): Promise<void>;
  endVerifications(grant: GrantId): Promise<void>;
  /** Forgets portal sessions, verifications and challenges with expiresAt ≤ `now`. */
  forgetExpired(now: number): Promise<void>;
  /** Adds, or takes the place of the job with the same key. */
  saveJob(record: JobRecord): Promise<void>;
  /** Nothing happens when it is gone. */
  updateJob(id: JobId, change: Partial<Omit<JobRecord, "id" | "key">>): Promise<void>;
  deleteJob(id: JobId): Promise<void>;
  /** What `owner` holds is held by nobody and due at `now`. */
  freeJobs(owner: string, now: number): Promise<void>;
  /** Appends an unsequenced event. Answers its number, which grows with the order of commits within one process. */
  addEvent(record: EventRecord): Promise<number>;
  /** Erases body and salt of every event of the transfer, sequenced or not; answers how many had them. */
  eraseEvents(transfer: TransferId): Promise<number>;
  /**
   * Gives the next ledger indices, without gaps, to at most `limit` unsequenced events by their number.
   * Only the one sequencer calls it. Answers them in order.
   */
  sequenceEvents(limit: number): Promise<readonly (SequencedEvent & { number: number })[]>;
}
