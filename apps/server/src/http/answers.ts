/** Records as the API shows them. */
import {
  bytesText,
  type grantAnswer,
  type memberAnswer,
  type memberChainAnswer,
  type memberInvitation,
  type memberListAnswer,
  type memberPasskeyAnswer,
  type recoveryKeyAnswer,
  type recoveryListAnswer,
  type sessionAnswer,
  type sessionListAnswer,
  type tokenAnswer,
  type transferAnswer,
} from "@safeconduct/contract";
import { askedOfRecipient, demandedFactor, isClosedByOther, isFactorLocked } from "@safeconduct/exchange";
import type {
  NewPasskey,
  GrantRecord,
  InvitationRecord,
  listMembers,
  MemberPasskeyRecord,
  MemberRecord,
  OrganisationRecord,
  OwnSession,
  Released,
  ShownChain,
  ShownRecovery,
  ShownSession,
  showRecoveryKey,
  StoredPart,
  TokenRecord,
  TransferSummary,
} from "@safeconduct/exchange";
import type { z } from "zod";

export function transferBody({
  transfer,
  sender,
  grants,
  heldParts,
  holds,
}: TransferSummary): z.input<typeof transferAnswer> {
  const {
    id,
    state,
    purpose,
    profile,
    handling,
    createdAt,
    sealedAt,
    endedAt,
    destroyedAt,
    blobLengthBytes,
    partCount,
  } = transfer;
  return {
    id,
    state,
    purpose,
    profile,
    handling,
    sender: { id: sender.id, name: sender.name },
    createdAt,
    sealedAt,
    endedAt,
    destroyedAt,
    blobLengthBytes,
    partCount,
    heldParts,
    holds: holds.map(({ id: hold, reason, placedAt }) => ({ id: hold, reason, placedAt })),
    grants: grants.map((grant) => grantBody(grant, sender.id)),
  };
}

function grantBody(grant: GrantRecord, sender: MemberRecord["id"]): z.input<typeof grantAnswer> {
  const { id, address, name, recipientOrganisation, language, state, notBefore, notAfter, releaseCap, releases } =
    grant;
  const { endsAt, termsAcceptedAt, deletionAttestedAt } = grant;
  const { conditions, closesOnReceipt } = askedOfRecipient(grant);
  const { confirmedAt, firstReleasedAt, receiptAt, suspendedAt, codeUndeliveredAt, endedAt, destroyedAt } = grant;
  return {
    id,
    address,
    name,
    organisation: recipientOrganisation,
    language,
    state,
    notBefore,
    notAfter,
    releaseCap,
    releases,
    secondFactor: demandedFactor(grant)?.kind ?? null,
    locked: isFactorLocked(grant),
    confirmedAt,
    firstReleasedAt,
    receiptAt,
    closesOnReceipt,
    closesAt: endsAt < notAfter ? endsAt : null,
    conditions: conditions && { ...conditions },
    termsAcceptedAt,
    problem: problemBody(grant),
    deletionAttestedAt,
    suspendedAt,
    closedByOfficer: isClosedByOther(grant, { member: sender }),
    codeUndeliveredAt,
    endedAt,
    destroyedAt,
  };
}

/** Null before the first report, and once it is erased. */
function problemBody({
  problemKind: kind,
  problemReportedAt: reportedAt,
  problemReports: reports,
  problemSettledAt: settledAt,
}: GrantRecord): z.input<typeof grantAnswer>["problem"] {
  return kind === null || reportedAt === null ? null : { kind, reportedAt, reports, settledAt };
}

export function memberBody(member: MemberRecord, organisation: OrganisationRecord): z.input<typeof memberAnswer> {
  return {
    member: { id: member.id, name: member.name, address: member.address, roles: [...member.roles] },
    organisation: { id: organisation.id, name: organisation.name },
  };
}

export function memberListBody({
  members,
  invitations,
}: Awaited<ReturnType<typeof listMembers>>): z.input<typeof memberListAnswer> {
  return {
    members: members.map(({ id, name, address, roles, createdAt, seenAt }) => ({
      id,
      name,
      address,
      roles: [...roles],
      createdAt,
      seenAt,
    })),
    invitations: invitations.map(invitationBody),
  };
}

/** Never with salt or hash. */
export function invitationBody(invitation: InvitationRecord): z.input<typeof memberInvitation> {
  const { id, name, address, roles, createdAt, sentAt, expiresAt, undeliveredAt } = invitation;
  return { id, name, address, roles: [...roles], createdAt, sentAt, expiresAt, undeliveredAt };
}

export function chainBody(chain: ShownChain): z.input<typeof memberChainAnswer> {
  return {
    statements: chain.statements.map(({ statement, signature }) => ({
      statement: bytesText(statement),
      signature: bytesText(signature),
    })),
    wraps: chain.wraps.map(({ generation, holder, sealed }) => ({ generation, holder, sealed: bytesText(sealed) })),
    devices: chain.devices.map(({ id, sealedKeys, createdAt, removedAt }) => ({
      id,
      sealedKeys: sealedKeys && bytesText(sealedKeys),
      createdAt,
      removedAt,
    })),
    requests: chain.requests.map(({ id, name, signingPublicKey, hpkePublicKey, proof, approval, createdAt }) => ({
      device: id,
      name,
      signingPublicKey: bytesText(signingPublicKey),
      hpkePublicKey: bytesText(hpkePublicKey),
      proof: bytesText(proof),
      approval: approval && bytesText(approval),
      createdAt,
    })),
  };
}

export function sessionBody({
  member,
  hasPasskey,
  isLocked,
  locksInMs,
  endsInMs,
}: ShownSession): z.input<typeof sessionAnswer> {
  return { name: member.name, locked: isLocked, hasPasskey, locksInMs, endsInMs };
}

export function ownSessionBody({
  id,
  browser,
  system,
  createdAt,
  usedAt,
  isLocked,
  isCurrent,
}: OwnSession): z.input<typeof sessionListAnswer>["sessions"][number] {
  return { id, browser, system, createdAt, lastUsedAt: usedAt, locked: isLocked, current: isCurrent };
}

export function memberPasskeyBody({
  id,
  name,
  createdAt,
  usedAt,
}: MemberPasskeyRecord): z.input<typeof memberPasskeyAnswer> {
  return { id, name, createdAt, lastUsedAt: usedAt };
}

export function tokenBody({ id, name, createdAt, usedAt }: TokenRecord): z.input<typeof tokenAnswer> {
  return { id, name, createdAt, lastUsedAt: usedAt };
}

export function recoveryKeyBody(
  key: Awaited<ReturnType<typeof showRecoveryKey>>,
): z.input<typeof recoveryKeyAnswer>["key"] {
  if (key === null) return null;
  const { statement, signature, signer, createdAt } = key;
  return {
    statement: bytesText(statement),
    signature: bytesText(signature),
    signingPublicKey: bytesText(signer.signingPublicKey),
    deviceName: signer.name,
    createdAt,
  };
}

export function recoveryBody({
  recovery,
  member,
  device,
  expiresAt,
}: ShownRecovery): z.input<typeof recoveryListAnswer>["recoveries"][number] {
  const { id, transfer, signature, createdAt, approvedBy, releasedKeyHash } = recovery;
  return {
    id,
    transfer,
    member: { id: member.id, name: member.name },
    device: { id: device.id, name: device.name },
    signature: bytesText(signature),
    createdAt,
    expiresAt,
    approvedBy,
    released: releasedKeyHash !== null,
  };
}

/** `NewPasskey` of a recipient, or of a member, who has a name besides. */
export function newPasskeyBody<Made extends NewPasskey>({ challenge, userHandle, enrolled, ...named }: Made) {
  return {
    ...named,
    challenge: bytesText(challenge),
    userHandle: bytesText(userHandle),
    enrolled: enrolled.map(bytesText),
  };
}

export function partBody({ number, sizeBytes, sha256 }: StoredPart) {
  return { number, sizeBytes, sha256: bytesText(sha256) };
}

export function releaseBody({ grant, transfer, device, sealedShares }: Released) {
  return {
    organisation: grant.organisation,
    transfer: transfer.id,
    grant: grant.id,
    terms: bytesText(grant.terms),
    slot: bytesText(grant.slot),
    sealedShares: bytesText(sealedShares),
    sealRecord: bytesText(transfer.sealRecord),
    sealSignature: bytesText(transfer.sealSignature),
    signingPublicKey: bytesText(device.signingPublicKey),
  };
}

export function memberReleaseBody(released: Released) {
  const { sealedLinkSecret } = released.grant;
  if (sealedLinkSecret === null) throw new Error("a grant that answers to members has its link secret sealed");
  return { ...releaseBody(released), sealedLinkSecret: bytesText(sealedLinkSecret) };
}
