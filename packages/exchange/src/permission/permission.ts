/**
 * Who may do what: one table over every route that a member calls, by role, with how far it reaches. Why it is cut this way:
 * docs/adr/0016-roles.md. Two rules hold it together: nobody may do everything (the administrator sees no transfer, and who
 * oversees transfers neither sends nor opens them), and opening files is for the one who sent them.
 *
 * The HTTP edge asks it for every request of a member; what works on a transfer asks it again in its own transaction, where
 * roles that were taken away a moment ago are gone.
 */
import { MEMBER_ROLES, type MemberRole, type MemberRoute } from "@safeconduct/contract";
import { permissionProblem } from "./errors.ts";

/**
 * `own`: what the caller made (their transfers, tokens, devices). `organisation`: all of it, whoever made it.
 * `awaiting-review`: transfers that wait for a review; there are none yet.
 */
export type Reach = "own" | "organisation" | "awaiting-review";
type Permission = Readonly<Partial<Record<MemberRole, Reach>>>;

/** The caller's own session, tokens and devices: everybody's own business. */
const OWN_ACCOUNT: Permission = {
  sender: "own",
  reviewer: "own",
  "compliance-officer": "own",
  administrator: "own",
};
const SENDING: Permission = { sender: "own" };
/** What is read, and what can only close: senders for theirs, compliance officers for all. */
const SEEING: Permission = { sender: "own", reviewer: "awaiting-review", "compliance-officer": "organisation" };
const CLOSING: Permission = { sender: "own", "compliance-officer": "organisation" };
/** What a sender might wish undone about themself. */
const OVERSEEING: Permission = { "compliance-officer": "organisation" };
const MANAGING: Permission = { administrator: "organisation" };
/** What says whether the instance works, and no word about a transfer. */
const RUNNING: Permission = { "compliance-officer": "organisation", administrator: "organisation" };

export const PERMISSIONS: Readonly<Record<MemberRoute, Permission>> = {
  currentSession: OWN_ACCOUNT,
  useSession: OWN_ACCOUNT,
  lockSession: OWN_ACCOUNT,
  provePassword: OWN_ACCOUNT,
  askProofPasskey: OWN_ACCOUNT,
  provePasskeyOfMember: OWN_ACCOUNT,
  changePassword: OWN_ACCOUNT,
  chooseLanguage: OWN_ACCOUNT,
  listMemberPasskeys: OWN_ACCOUNT,
  beginMemberPasskey: OWN_ACCOUNT,
  addMemberPasskey: OWN_ACCOUNT,
  removeMemberPasskey: OWN_ACCOUNT,
  listSessions: OWN_ACCOUNT,
  endSession: OWN_ACCOUNT,
  endOtherSessions: OWN_ACCOUNT,
  signOut: OWN_ACCOUNT,
  me: OWN_ACCOUNT,
  sendTestMail: OWN_ACCOUNT,
  listTokens: OWN_ACCOUNT,
  createToken: OWN_ACCOUNT,
  revokeToken: OWN_ACCOUNT,
  memberChain: OWN_ACCOUNT,
  extendMemberChain: OWN_ACCOUNT,
  requestDevice: OWN_ACCOUNT,

  listTransfers: SEEING,
  searchTransfers: SEEING,
  attention: SEEING,
  transfer: SEEING,
  draftTransfer: SENDING,
  heldParts: SENDING,
  partTargets: SENDING,
  sealTransfer: SENDING,
  abandonTransfer: SENDING,
  addRecipient: SENDING,
  // Opens files: never for anybody but their sender.
  releaseToMember: SENDING,
  recipientFactors: SENDING,
  removeRecipientFactor: CLOSING,
  revokeTransfer: CLOSING,
  revokeGrant: CLOSING,
  suspendGrant: CLOSING,
  resumeGrant: CLOSING,
  settleProblem: CLOSING,
  certificate: CLOSING,
  // A hold keeps evidence, and erasing ends it: neither is for the one whom it may speak against.
  placeHold: OVERSEEING,
  liftHold: OVERSEEING,
  eraseTransfer: OVERSEEING,

  // Two people and two cards; a second of them is always a compliance officer. Who has the cards made cannot use them alone.
  recoveryKey: { sender: "organisation", ...RUNNING },
  setRecoveryKey: MANAGING,
  listRecoveries: CLOSING,
  requestRecovery: CLOSING,
  approveRecovery: OVERSEEING,
  releaseRecovery: CLOSING,

  listMembers: MANAGING,
  changeRoles: MANAGING,
  removeMember: MANAGING,
  inviteMember: MANAGING,
  resendInvitation: MANAGING,
  withdrawInvitation: MANAGING,
  // Who sent what to whom, of everybody; a sender has the history and the certificate of what they sent.
  searchAudit: OVERSEEING,
  exportAudit: OVERSEEING,
  openLinks: OVERSEEING,
  ledgerHealth: RUNNING,

  keyClock: RUNNING,
  // The word is a custodian's signature; a member only carries it.
  confirmKeyClock: RUNNING,
};

/** How far a member of these roles reaches with `route`; nothing: not allowed at all. */
export function reachesOf(route: MemberRoute, roles: readonly MemberRole[]): ReadonlySet<Reach> {
  const permission = PERMISSIONS[route];
  return new Set(roles.flatMap((role) => permission[role] ?? []));
}

/** Problem `permission/refused`, the same whether what was asked for is there or not. */
export function requirePermission(route: MemberRoute, roles: readonly MemberRole[]): ReadonlySet<Reach> {
  const reaches = reachesOf(route, roles);
  if (reaches.size === 0) throw permissionProblem("permission/refused");
  return reaches;
}

/** What the first member of an organisation gets: a small clinic works with one person, who then adds others. */
export const FIRST_MEMBER_ROLES: readonly MemberRole[] = MEMBER_ROLES.filter((role) => role !== "reviewer");
