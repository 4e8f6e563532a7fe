/** What the database keeps: one flat record for each thing, plain values only. Times are milliseconds since the epoch. */
import type { Handling, Language, ProblemKind, MemberRole, Profile, Purpose } from "@safeconduct/contract";
import type { GrantKind, HolderKind } from "@safeconduct/envelope";
import type {
  Bytes,
  DeviceId,
  FactorId,
  EventId,
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
import type { BrowserName, SystemName } from "./identity/browser-name.ts";

/** The one row about the instance itself. */
export interface InstanceRecord {
  /** SHA-256 of the one-time set-up token; null once set-up is done. */
  readonly setupTokenHash: Bytes | null;
  /** What enrolment left for completion; null before and after. */
  readonly pendingSetup: {
    organisation: OrganisationId;
    organisationName: string;
    member: MemberId;
    memberName: string;
    memberAddress: string;
  } | null;
  readonly createdAt: number;
  /** The last checkpoint of the key service's own log that is anchored in the ledger, a signed note; null before the first. */
  readonly keyLogCheckpoint: string | null;
}

export interface OrganisationRecord {
  readonly id: OrganisationId;
  readonly name: string;
  readonly createdAt: number;
}

export interface MemberRecord {
  readonly id: MemberId;
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly address: string;
  /** In the order of `MEMBER_ROLES`, each once. */
  readonly roles: readonly MemberRole[];
  /** In which they read the portal, and get mails; null: the organisation's. */
  readonly language: Language | null;
  readonly createdAt: number;
  /** The last use of a session or token, to within half a minute; null before the first. */
  readonly seenAt: number | null;
  /** When an administrator removed the member. The record stays: transfers and entries name it. */
  readonly removedAt: number | null;
}

export interface SessionRecord {
  readonly id: SessionId;
  readonly member: MemberId;
  readonly tokenHash: Bytes;
  readonly createdAt: number;
  /** When a person last did something on the page; what the page does by itself does not count. */
  readonly usedAt: number;
  readonly expiresAt: number;
  /** From which browser it was opened, as words of a closed list. */
  readonly browser: BrowserName;
  readonly system: SystemName;
  /** When its page locked it; null while it did not. It is locked without that too, once nobody has used it for a while. */
  readonly lockedAt: number | null;
  /** When the member last proved who is there, with all that a sign-in takes. */
  readonly provenAt: number;
}

/** A passkey that a member signs in with. Holders of the member key are {@link DeviceRecord}s, also where they are passkeys. */
export interface MemberPasskeyRecord {
  readonly id: FactorId;
  readonly member: MemberId;
  /** As the member calls it. */
  readonly name: string;
  /** As the device chose it, 16 to 1023 bytes: how it is found. */
  readonly credentialId: Bytes;
  /** Its id and public key. */
  readonly credential: Bytes;
  /** The last signature counter that it gave. */
  readonly counter: number;
  readonly createdAt: number;
  readonly usedAt: number | null;
}

/** What a passkey of a member is to sign, once. */
export interface PasskeyChallengeRecord {
  /** A hash over who may answer, and what for. */
  readonly holder: Bytes;
  readonly challenge: Bytes;
  readonly expiresAt: number;
}

export interface TokenRecord {
  readonly id: TokenId;
  readonly member: MemberId;
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly tokenHash: Bytes;
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

/** A holder of the member key: a computer that sends, a passkey, or a recovery key on paper. */
export interface DeviceRecord {
  readonly id: DeviceId;
  readonly member: MemberId;
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
  readonly kind: HolderKind;
  /** Private keys of a passkey or recovery key, sealed under its secret; null for a device, which keeps its own, and once removed. */
  readonly sealedKeys: Bytes | null;
  readonly createdAt: number;
  readonly removedAt: number | null;
}

/** One statement of a member's chain. */
export interface StatementRecord {
  readonly member: MemberId;
  readonly position: number;
  readonly statement: Bytes;
  readonly signature: Bytes;
}

/** A member key of one generation, sealed to one holder. */
export interface MemberKeyWrapRecord {
  readonly member: MemberId;
  readonly generation: number;
  readonly holder: DeviceId;
  readonly sealed: Bytes;
}

/** A device that asks to be let in; its proof is worth something only to whoever has its pairing code. */
export interface DeviceRequestRecord {
  readonly id: DeviceId;
  readonly member: MemberId;
  readonly name: string;
  readonly signingPublicKey: Bytes;
  readonly hpkePublicKey: Bytes;
  readonly proof: Bytes;
  /** What the device that let it in proves to it; null until then. */
  readonly approval: Bytes | null;
  readonly createdAt: number;
}

/** A recovery key of the organisation, as a member's device signed it. The newest counts. */
export interface RecoveryKeyRecord {
  readonly organisation: OrganisationId;
  /** From 1. */
  readonly generation: number;
  readonly device: DeviceId;
  readonly statement: Bytes;
  readonly signature: Bytes;
  readonly createdAt: number;
}

/** A request to bring a transfer back with the organisation's recovery cards. */
export interface RecoveryRecord {
  readonly id: RecoveryId;
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** Who asks, and on which device. */
  readonly member: MemberId;
  readonly device: DeviceId;
  readonly signature: Bytes;
  readonly createdAt: number;
  readonly approvedBy: DeviceId | null;
  readonly approvedAt: number | null;
  /** SHA-256 of the one ephemeral key that the shares were released to. */
  readonly releasedKeyHash: Bytes | null;
}

export type TransferState = "draft" | "active" | "expired" | "revoked" | "destroyed" | "abandoned";

export interface TransferRecord {
  readonly id: TransferId;
  readonly organisation: OrganisationId;
  readonly member: MemberId;
  readonly device: DeviceId;
  readonly purpose: Purpose;
  readonly profile: Profile;
  /** Everything that its sender did not declare public is regulated, and needs a second factor of each recipient. */
  readonly handling: Handling;
  readonly state: TransferState;
  readonly blobLengthBytes: number;
  readonly partCount: number;
  /** 32 bytes; the transfer's pseudonym in ledger leaves is a hash under it. Erasing it, all zero then, erases the link. */
  readonly subjectSalt: Bytes;
  readonly sealRecord: Bytes | null;
  readonly sealSignature: Bytes | null;
  readonly createdAt: number;
  readonly sealedAt: number | null;
  readonly endedAt: number | null;
  /** When shares and blob must be gone; set when the last grant ends. */
  readonly destroyDueAt: number | null;
  readonly destroyedAt: number | null;
}

/** `closed`: its receipt came, and its terms say that a receipt closes it. */
export type GrantState = "pending" | "confirmed" | "used" | "expired" | "revoked" | "capped" | "closed";

export interface GrantRecord {
  readonly id: GrantId;
  readonly transfer: TransferId;
  readonly organisation: OrganisationId;
  readonly kind: GrantKind;
  /** Empty for the sender's own grant and for recovery. */
  readonly address: string;
  readonly name: string | null;
  /** Where the recipient works, in the sender's words; nobody checks it. */
  readonly recipientOrganisation: string | null;
  /** Of the mails about it, as the sender chose; null: the organisation's. */
  readonly language: Language | null;
  readonly state: GrantState;
  /** Canonical encoding; frozen when the grant is made. */
  readonly terms: Bytes;
  readonly termsHash: Bytes;
  readonly slot: Bytes;
  /** S sealed to the member key (sender) or to the recovery key; null for recipients. */
  readonly sealedLinkSecret: Bytes | null;
  readonly notBefore: number;
  readonly notAfter: number;
  /** When it ends by time: `notAfter`, or earlier where a receipt closes it. */
  readonly endsAt: number;
  /** 0 = no cap. */
  readonly releaseCap: number;
  readonly releases: number;
  /** SHA-256 of the verifier, where the terms demand a passcode. */
  readonly passcodeVerifierHash: Bytes | null;
  /** Wrong passcodes since the grant was made; never counted down. */
  readonly factorFailures: number;
  /** Until then no passcode is looked at. */
  readonly factorLockedUntil: number;
  readonly createdAt: number;
  readonly confirmedAt: number | null;
  readonly firstReleasedAt: number | null;
  readonly receiptAt: number | null;
  /** When the recipient first accepted the conditions of the terms; null before, and where there are none. */
  readonly termsAcceptedAt: number | null;
  /** When the recipient said that their copies are deleted; null before, and again once the files were released anew. */
  readonly deletionAttestedAt: number | null;
  /** Codes that were mailed after its end, to confirm a deletion with. */
  readonly deletionCodes: number;
  /** What the recipient reported last; null before, and once erased. */
  readonly problemKind: ProblemKind | null;
  readonly problemReportedAt: number | null;
  /** Reports since the grant was made. */
  readonly problemReports: number;
  /** When the newest report was marked as dealt with; null before, and again with the next report. */
  readonly problemSettledAt: number | null;
  /** When the newest code was given up because its mail found no way; null once another is asked for. */
  readonly codeUndeliveredAt: number | null;
  /** When the sender closed it for now; null while it is not. Its terms run on. */
  readonly suspendedAt: number | null;
  /** Who closed it; null while it is not. What a compliance officer closed, its sender does not open. */
  readonly suspendedBy: MemberId | null;
  readonly endedAt: number | null;
  readonly destroyDueAt: number | null;
  readonly destroyedAt: number | null;
}

/** What a search looks at in a transfer, and in one recipient of it. */
export type TransferOutline = Pick<TransferRecord, "id" | "member" | "state" | "createdAt">;
export type RecipientOutline = Pick<GrantRecord, "transfer" | "address" | "name" | "recipientOrganisation" | "state">;

/** The state of the mailed code of one grant. Failures survive a re-send. */
export interface CodeRecord {
  readonly grant: GrantId;
  /** Keyed hash of the code; null when used, locked or never sent. */
  readonly codeHash: Bytes | null;
  /** 16 bytes, fresh for each code: what the code is made from, under a key that is not in the database. */
  readonly salt: Bytes;
  readonly expiresAt: number;
  readonly failures: number;
  readonly lockedUntil: number;
  readonly sentAt: number;
  /** Sends within the hour that began at `sendWindowAt`. */
  readonly sends: number;
  readonly sendWindowAt: number;
}

/** A device's key that a grant's shares were released to, or were asked for. */
export interface ReleaseKeyRecord {
  readonly grant: GrantId;
  /** SHA-256 of the ephemeral public key. */
  readonly keyHash: Bytes;
  readonly at: number;
}

/** A recipient who has proven the address, for a short time. */
export interface VerificationRecord {
  readonly id: SessionId;
  readonly grant: GrantId;
  readonly tokenHash: Bytes;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When the second factor that the grant demands was passed in this session; null before. */
  readonly factorPassedAt: number | null;
  /** What a passkey is to sign in this session, 32 bytes; null once it was answered. */
  readonly challenge: Bytes | null;
  readonly challengeExpiresAt: number;
}

/** A factor that an address has enrolled at an organisation, for later grants. The address itself is not kept. */
export interface FactorRecord {
  readonly id: FactorId;
  readonly organisation: OrganisationId;
  /** Keyed, 32 bytes: a copied database names nobody. */
  readonly addressDigest: Bytes;
  readonly kind: EnrolledKind;
  /** The verification session in which it was begun; only this one can confirm it. */
  readonly session: SessionId;
  /** Of an authenticator the sealed secret, of a passkey its id and public key. */
  readonly credential: Bytes;
  /** Of an authenticator the last accepted time step, of a passkey its signature counter. */
  readonly counter: number;
  /** Wrong codes since the last right one. */
  readonly failures: number;
  /** Until then no code is looked at. */
  readonly lockedUntil: number;
  readonly createdAt: number;
  /** Null until the first right code. */
  readonly confirmedAt: number | null;
}
export type EnrolledKind = "authenticator" | "passkey";

/** Somebody who may become a member. Gone once they have, or when it is withdrawn. */
export interface InvitationRecord {
  readonly id: InvitationId;
  readonly organisation: OrganisationId;
  /** Who they will be. */
  readonly member: MemberId;
  readonly address: string;
  /** As the administrator wrote it. */
  readonly name: string;
  readonly roles: readonly MemberRole[];
  readonly invitedBy: MemberId;
  /** 16 bytes, fresh for each mail: what the link's token is made from, under a key that is not in the database. */
  readonly salt: Bytes;
  /** SHA-256 of the token. */
  readonly tokenHash: Bytes;
  readonly createdAt: number;
  readonly sentAt: number;
  readonly expiresAt: number;
  /** When the newest mail was given up; null once it is sent again. */
  readonly undeliveredAt: number | null;
  /** As they wrote it themself while they joined; null before. */
  readonly pendingName: string | null;
}

/** Work that goes outside, committed together with its decision. Delivered at least once by whoever holds the lease. */
export interface JobRecord {
  readonly id: JobId;
  readonly kind: "account-mail" | "code-mail" | "invitation-mail" | "problem-mail";
  /** At most one job has it: a newer one with the same key takes the place of the older. */
  readonly key: string;
  /** JSON for the deliverer of this kind. No secret, no address. */
  readonly payload: string;
  readonly createdAt: number;
  /** Not before this moment; while somebody holds it, the end of the lease. */
  readonly dueAt: number;
  /** From then on it is given up instead of delivered. */
  readonly expiresAt: number;
  readonly attempts: number;
  /** The instance that holds it until `dueAt`; null while it waits. */
  readonly owner: string | null;
}

/** A readable event and its ledger leaf; sequenced once `index` is set. */
export interface EventRecord {
  readonly id: EventId;
  readonly type: EventType;
  readonly at: number;
  readonly organisation: OrganisationId | null;
  readonly transfer: TransferId | null;
  readonly grant: GrantId | null;
  /** Who acted, where that was a member: for searches. Null once erased. */
  readonly member: MemberId | null;
  /** `done`, or the code with which the act was refused: for searches. Null once erased. */
  readonly outcome: string | null;
  /** Canonical JSON; null once erased. */
  readonly body: string | null;
  /** 32 bytes; null once erased. */
  readonly salt: Bytes | null;
  readonly leaf: Bytes;
}

export interface SequencedEvent extends EventRecord {
  readonly index: number;
}

/** Why something is kept: a closed list, so that no free text says more than it should. */
export const HOLD_REASONS = ["litigation", "audit", "investigation", "patient-request", "other"] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** While one is not lifted, nothing of its transfer is destroyed. */
export interface HoldRecord {
  readonly id: HoldId;
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  readonly reason: HoldReason;
  /** Who placed it. */
  readonly member: MemberId;
  readonly placedAt: number;
  /** When the key service had it too; null until then. */
  readonly toldAt: number | null;
  readonly liftedAt: number | null;
}
