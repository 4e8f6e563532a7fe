/** Complete records for store tests; each call draws fresh ids and fresh bytes. What a test cares about it passes in. */
import { randomBytes } from "node:crypto";
import type {
  CodeRecord,
  DeviceRecord,
  DeviceRequestRecord,
  EventRecord,
  FactorRecord,
  GrantRecord,
  HoldRecord,
  InvitationRecord,
  JobRecord,
  MemberPasskeyRecord,
  MemberRecord,
  OrganisationRecord,
  PasskeyChallengeRecord,
  RecoveryKeyRecord,
  RecoveryRecord,
  SessionRecord,
  Store,
  TokenRecord,
  TransferRecord,
  VerificationRecord,
} from "@safeconduct/exchange";
import { copyBytes, drawId, type GrantId, type Random } from "@safeconduct/foundation";

const random: Random = { bytes: (length) => copyBytes(randomBytes(length)) };
const bytes = (length = 32) => random.bytes(length);

export const anOrganisation = (fields: Partial<OrganisationRecord> = {}): OrganisationRecord => ({
  id: drawId("organisation", random),
  name: "Riverside Clinic",
  createdAt: 1000,
  ...fields,
});

export const aMember = (fields: Partial<MemberRecord> & Pick<MemberRecord, "organisation">): MemberRecord => ({
  id: drawId("member", random),
  name: "Ines Okafor",
  address: "ines@clinic.example",
  roles: ["sender", "compliance-officer", "administrator"],
  language: null,
  createdAt: 1000,
  seenAt: null,
  removedAt: null,
  ...fields,
});

export const anInvitation = (
  fields: Partial<InvitationRecord> & Pick<InvitationRecord, "organisation" | "invitedBy">,
): InvitationRecord => ({
  id: drawId("invitation", random),
  member: drawId("member", random),
  address: "noah@clinic.example",
  name: "Noah Berg",
  roles: ["sender"],
  salt: bytes(16),
  tokenHash: bytes(),
  createdAt: 1000,
  sentAt: 1000,
  expiresAt: 2000,
  undeliveredAt: null,
  pendingName: null,
  ...fields,
});

export const aSession = (fields: Partial<SessionRecord> & Pick<SessionRecord, "member">): SessionRecord => ({
  id: drawId("session", random),
  tokenHash: bytes(),
  createdAt: 1000,
  usedAt: 1000,
  expiresAt: 2000,
  browser: "firefox",
  system: "linux",
  lockedAt: null,
  provenAt: 1000,
  ...fields,
});

export const aPasskey = (
  fields: Partial<MemberPasskeyRecord> & Pick<MemberPasskeyRecord, "member">,
): MemberPasskeyRecord => ({
  id: drawId("factor", random),
  name: "front desk",
  credentialId: bytes(16),
  credential: bytes(100),
  counter: 0,
  createdAt: 1000,
  usedAt: null,
  ...fields,
});

export const aChallenge = (): PasskeyChallengeRecord => ({ holder: bytes(), challenge: bytes(), expiresAt: 2000 });

export const aToken = (fields: Partial<TokenRecord> & Pick<TokenRecord, "member" | "organisation">): TokenRecord => ({
  id: drawId("token", random),
  name: "nightly script",
  tokenHash: bytes(),
  createdAt: 1000,
  usedAt: null,
  revokedAt: null,
  ...fields,
});

export const aDevice = (
  fields: Partial<DeviceRecord> & Pick<DeviceRecord, "member" | "organisation">,
): DeviceRecord => ({
  id: drawId("device", random),
  name: "front desk",
  signingPublicKey: bytes(),
  hpkePublicKey: bytes(1249),
  kind: "device",
  sealedKeys: null,
  createdAt: 1000,
  removedAt: null,
  ...fields,
});

export const aDeviceRequest = (
  fields: Partial<DeviceRequestRecord> & Pick<DeviceRequestRecord, "member">,
): DeviceRequestRecord => ({
  id: drawId("device", random),
  name: "laptop",
  signingPublicKey: bytes(),
  hpkePublicKey: bytes(1249),
  proof: bytes(),
  approval: null,
  createdAt: 1000,
  ...fields,
});

export const aTransfer = (
  fields: Partial<TransferRecord> & Pick<TransferRecord, "member" | "organisation" | "device">,
): TransferRecord => ({
  id: drawId("transfer", random),
  purpose: "TREAT",
  profile: "downloadable",
  handling: "public",
  state: "active",
  blobLengthBytes: 5_000_000,
  partCount: 1,
  subjectSalt: bytes(),
  sealRecord: null,
  sealSignature: null,
  createdAt: 1000,
  sealedAt: null,
  endedAt: null,
  destroyDueAt: null,
  destroyedAt: null,
  ...fields,
});

/** Ends at its `notAfter` unless a test says otherwise. */
export const aGrant = (fields: Partial<GrantRecord> & Pick<GrantRecord, "transfer" | "organisation">): GrantRecord => ({
  id: drawId("grant", random),
  kind: "recipient",
  address: "specialist@hospital.example",
  name: null,
  recipientOrganisation: null,
  language: null,
  state: "pending",
  terms: bytes(120),
  termsHash: bytes(),
  slot: bytes(60),
  sealedLinkSecret: null,
  notBefore: 1000,
  notAfter: 5000,
  endsAt: fields.notAfter ?? 5000,
  releaseCap: 0,
  releases: 0,
  passcodeVerifierHash: null,
  factorFailures: 0,
  factorLockedUntil: 0,
  createdAt: 1000,
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
  ...fields,
});

export const aCode = (grant: GrantId, fields: Partial<CodeRecord> = {}): CodeRecord => ({
  grant,
  codeHash: bytes(),
  salt: bytes(16),
  expiresAt: 2000,
  failures: 0,
  lockedUntil: 0,
  sentAt: 1000,
  sends: 1,
  sendWindowAt: 1000,
  ...fields,
});

export const aVerification = (grant: GrantId, fields: Partial<VerificationRecord> = {}): VerificationRecord => ({
  id: drawId("session", random),
  grant,
  tokenHash: bytes(),
  createdAt: 1000,
  expiresAt: 2000,
  factorPassedAt: null,
  challenge: null,
  challengeExpiresAt: 0,
  ...fields,
});

export const aJob = (fields: Partial<JobRecord> = {}): JobRecord => {
  const id = drawId("job", random);
  return {
    id,
    kind: "code-mail",
    key: `code-mail ${id}`,
    payload: "{}",
    createdAt: 1000,
    dueAt: 1000,
    expiresAt: 2000,
    attempts: 0,
    owner: null,
    ...fields,
  };
};

export const anEvent = (fields: Partial<EventRecord> = {}): EventRecord => ({
  id: drawId("event", random),
  type: "transfer/sealed",
  at: 1000,
  organisation: null,
  transfer: null,
  grant: null,
  member: null,
  outcome: "done",
  body: '{"a":1}',
  salt: bytes(),
  leaf: bytes(90),
  ...fields,
});

/** Ids of nothing that is stored. */
export const unknownId = <Kind extends Parameters<typeof drawId>[0]>(kind: Kind) => drawId<Kind>(kind, random);

/** An organisation with a member and a device, stored. */
export async function aClinic(store: Store) {
  const organisation = anOrganisation();
  const member = aMember({ organisation: organisation.id });
  const device = aDevice({ organisation: organisation.id, member: member.id });
  await store.transaction(async (tx) => {
    await tx.addOrganisation(organisation);
    await tx.addMember(member);
    await tx.addDevice(device);
  });
  const of = { organisation: organisation.id, member: member.id };
  return {
    organisation,
    member,
    device,
    /** What a token or device of the member carries. */
    of,
    transfer: (fields: Partial<TransferRecord> = {}) => aTransfer({ ...of, device: device.id, ...fields }),
    grant: (transfer: TransferRecord, fields: Partial<GrantRecord> = {}) =>
      aGrant({ organisation: organisation.id, transfer: transfer.id, ...fields }),
    recoveryKey: (fields: Partial<RecoveryKeyRecord> = {}): RecoveryKeyRecord => ({
      organisation: organisation.id,
      generation: 1,
      device: device.id,
      statement: bytes(90),
      signature: bytes(64),
      createdAt: 1000,
      ...fields,
    }),
    recovery: (transfer: TransferRecord, fields: Partial<RecoveryRecord> = {}): RecoveryRecord => ({
      ...of,
      id: drawId("recovery", random),
      transfer: transfer.id,
      device: device.id,
      signature: bytes(64),
      createdAt: 1000,
      approvedBy: null,
      approvedAt: null,
      releasedKeyHash: null,
      ...fields,
    }),
    hold: (transfer: TransferRecord, fields: Partial<HoldRecord> = {}): HoldRecord => ({
      ...of,
      id: drawId("hold", random),
      transfer: transfer.id,
      reason: "audit",
      placedAt: 1000,
      toldAt: null,
      liftedAt: null,
      ...fields,
    }),
  };
}

export const aFactor = (fields: Partial<FactorRecord> & Pick<FactorRecord, "organisation">): FactorRecord => ({
  id: drawId("factor", random),
  addressDigest: bytes(),
  kind: "authenticator",
  session: drawId("session", random),
  credential: bytes(60),
  counter: -1,
  failures: 0,
  lockedUntil: 0,
  createdAt: 1000,
  confirmedAt: null,
  ...fields,
});
