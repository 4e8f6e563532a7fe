/**
 * Every route of the HTTP API: the one source of the server's routing, of OpenAPI and of the typed client.
 * `auth` says who may call: `none`; `member` (portal session or API token); `recipient` (verification session of that grant).
 */
import type { z } from "zod";
import * as m from "./messages.ts";

export type Auth = "none" | "member" | "recipient";
type Method = "GET" | "POST" | "DELETE";

export interface Route {
  readonly method: Method;
  /** Path under /api/v1 with {name} parameters. */
  readonly path: string;
  readonly auth: Auth;
  readonly summary: string;
  readonly request?: z.ZodType;
  /** Absent: 204 without a body. */
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201 | 202;
}

const route = <const R extends Route>(definition: R): R => definition;

export const routes = {
  instance: route({
    method: "GET",
    path: "/instance",
    auth: "none",
    summary: "What this instance is, and the keys that clients pin",
    answer: m.instanceAnswer,
  }),
  enrolFirstMember: route({
    method: "POST",
    path: "/setup/enrolment",
    auth: "none",
    summary: "Name the organisation and its first member; answers with the authenticator to add",
    request: m.setupEnrolmentRequest,
    answer: m.authenticatorAnswer,
  }),
  completeSetup: route({
    method: "POST",
    path: "/setup/completion",
    auth: "none",
    summary: "Confirm the authenticator; ends set-up and signs in",
    request: m.setupCompletionRequest,
    answer: m.setupCompletionAnswer,
    status: 201,
  }),
  signIn: route({
    method: "POST",
    path: "/sessions",
    auth: "none",
    summary: "Sign in with address, password and authenticator code",
    request: m.signInRequest,
    answer: m.memberAnswer,
    status: 201,
  }),
  signOut: route({ method: "DELETE", path: "/sessions/current", auth: "member", summary: "End this session" }),
  me: route({ method: "GET", path: "/me", auth: "member", summary: "Who is signed in", answer: m.memberAnswer }),
  listTokens: route({
    method: "GET",
    path: "/tokens",
    auth: "member",
    summary: "API tokens of the member",
    answer: m.tokenListAnswer,
  }),
  createToken: route({
    method: "POST",
    path: "/tokens",
    auth: "member",
    summary: "Make an API token; it is shown once",
    request: m.tokenCreationRequest,
    answer: m.createdTokenAnswer,
    status: 201,
  }),
  revokeToken: route({ method: "DELETE", path: "/tokens/{token}", auth: "member", summary: "End an API token" }),
  memberChain: route({
    method: "GET",
    path: "/me/chain",
    auth: "member",
    summary: "The member's devices: signed statements, wrapped member keys, and devices that ask to be let in",
    answer: m.memberChainAnswer,
  }),
  extendMemberChain: route({
    method: "POST",
    path: "/me/chain",
    auth: "member",
    summary:
      "Enrol the first device, let one in, remove one, make a recovery key: signed statements at the end of the chain",
    request: m.chainExtensionRequest,
  }),
  requestDevice: route({
    method: "POST",
    path: "/me/device-requests",
    auth: "member",
    summary: "Ask the member's other devices to let this one in",
    request: m.deviceRequest,
  }),
  listTransfers: route({
    method: "GET",
    path: "/transfers",
    auth: "member",
    summary: "The caller's transfers, or the organisation's for a compliance officer, newest first; ?after= continues",
    answer: m.transferListAnswer,
  }),
  draftTransfer: route({
    method: "POST",
    path: "/transfers",
    auth: "member",
    summary: "Begin a transfer: sealed shares and the sender's slot",
    request: m.draftRequest,
    answer: m.transferAnswer,
    status: 201,
  }),
  transfer: route({
    method: "GET",
    path: "/transfers/{transfer}",
    auth: "member",
    summary: "One transfer with its grants",
    answer: m.transferAnswer,
  }),
  heldParts: route({
    method: "GET",
    path: "/transfers/{transfer}/parts",
    auth: "member",
    summary: "Parts that are stored durably",
    answer: m.heldPartsAnswer,
  }),
  partTargets: route({
    method: "POST",
    path: "/transfers/{transfer}/parts",
    auth: "member",
    summary: "Short-lived URLs to put parts to",
    request: m.partTargetsRequest,
    answer: m.partTargetsAnswer,
  }),
  sealTransfer: route({
    method: "POST",
    path: "/transfers/{transfer}/seal",
    auth: "member",
    summary: "Fix the root over all parts and open the grants",
    request: m.sealRequest,
    answer: m.transferAnswer,
  }),
  abandonTransfer: route({
    method: "POST",
    path: "/transfers/{transfer}/abandonment",
    auth: "member",
    summary: "Give a draft up",
    answer: m.transferAnswer,
  }),
  revokeTransfer: route({
    method: "POST",
    path: "/transfers/{transfer}/revocation",
    auth: "member",
    summary: "End every grant at once and destroy the shares",
    answer: m.transferAnswer,
  }),
  revokeGrant: route({
    method: "POST",
    path: "/transfers/{transfer}/grants/{grant}/revocation",
    auth: "member",
    summary: "End one recipient's grant at once and destroy its share",
    answer: m.transferAnswer,
  }),
  eraseTransfer: route({
    method: "POST",
    path: "/transfers/{transfer}/erasure",
    auth: "member",
    summary: "Erase names, addresses and details of a destroyed transfer; the proofs stay",
    answer: m.transferAnswer,
  }),
  releaseToMember: route({
    method: "POST",
    path: "/transfers/{transfer}/release",
    auth: "member",
    summary:
      "Have the shares of the sender's own slot sealed to an ephemeral key; signed by one of the member's devices",
    request: m.memberReleaseRequest,
    answer: m.memberReleaseAnswer,
  }),
  addRecipient: route({
    method: "POST",
    path: "/transfers/{transfer}/grants",
    auth: "member",
    summary: "Add a recipient to a sealed transfer, or replace one's link; signed by one of the member's devices",
    request: m.recipientAddition,
    answer: m.transferAnswer,
  }),
  suspendGrant: route({
    method: "POST",
    path: "/transfers/{transfer}/grants/{grant}/suspension",
    auth: "member",
    summary: "Close one recipient's link for now; its time runs on",
    answer: m.transferAnswer,
  }),
  resumeGrant: route({
    method: "POST",
    path: "/transfers/{transfer}/grants/{grant}/resumption",
    auth: "member",
    summary: "Open a suspended link again",
    answer: m.transferAnswer,
  }),
  placeHold: route({
    method: "POST",
    path: "/transfers/{transfer}/holds",
    auth: "member",
    summary: "Keep keys and ciphertext from destruction; links end as before",
    request: m.holdRequest,
    answer: m.transferAnswer,
  }),
  liftHold: route({
    method: "POST",
    path: "/transfers/{transfer}/holds/lifting",
    auth: "member",
    summary: "Lift the hold of a reason, or all; what was due is destroyed",
    request: m.holdLiftRequest,
    answer: m.transferAnswer,
  }),
  keyClock: route({
    method: "GET",
    path: "/keys/clock",
    auth: "member",
    summary: "Whether the key service believes its clock, and what it waits for",
    answer: m.keyClockAnswer,
  }),
  confirmKeyClock: route({
    method: "POST",
    path: "/keys/clock/confirmations",
    auth: "member",
    summary: "Pass on a custodian's signed word that the key service's clock is right; two of them end an alarm",
    request: m.clockConfirmationRequest,
    answer: m.clockConfirmationAnswer,
  }),
  recoveryKey: route({
    method: "GET",
    path: "/recovery-key",
    auth: "member",
    summary: "The organisation's newest recovery key, signed by a member's device",
    answer: m.recoveryKeyAnswer,
  }),
  setRecoveryKey: route({
    method: "POST",
    path: "/recovery-key",
    auth: "member",
    summary: "Set a new recovery key: its generation follows the one before",
    request: m.recoveryKeyRequest,
  }),
  listRecoveries: route({
    method: "GET",
    path: "/recoveries",
    auth: "member",
    summary: "Recovery requests of the last day",
    answer: m.recoveryListAnswer,
  }),
  requestRecovery: route({
    method: "POST",
    path: "/transfers/{transfer}/recoveries",
    auth: "member",
    summary: "Ask to bring a transfer back with the organisation's recovery cards",
    request: m.recoveryRequest,
  }),
  approveRecovery: route({
    method: "POST",
    path: "/recoveries/{recovery}/approval",
    auth: "member",
    summary: "Approve a recovery as the second person",
    request: m.recoveryApproval,
  }),
  releaseRecovery: route({
    method: "POST",
    path: "/recoveries/{recovery}/release",
    auth: "member",
    summary: "Have the shares of an approved recovery sealed to an ephemeral key, once",
    request: m.memberReleaseRequest,
    answer: m.memberReleaseAnswer,
  }),
  certificate: route({
    method: "GET",
    path: "/transfers/{transfer}/certificate",
    auth: "member",
    summary: "Certificate of custody with proofs",
    answer: m.certificateAnswer,
  }),
  recipientFactors: route({
    method: "POST",
    path: "/recipients/factors",
    auth: "member",
    summary: "Which second factors an address has enrolled with the organisation",
    request: m.recipientFactorsRequest,
    answer: m.recipientFactorsAnswer,
  }),
  removeRecipientFactor: route({
    method: "POST",
    path: "/recipients/factors/removal",
    auth: "member",
    summary: "Take a second factor of an address away, when a device is lost",
    request: m.recipientFactorRemoval,
  }),
  invitation: route({
    method: "GET",
    path: "/grants/{grant}",
    auth: "none",
    summary: "Who sent something, for what purpose and until when. Changes nothing",
    answer: m.invitationAnswer,
  }),
  sendCode: route({
    method: "POST",
    path: "/grants/{grant}/codes",
    auth: "none",
    summary: "Mail a code to the recipient's address",
    answer: m.codeAnswer,
    status: 202,
  }),
  confirm: route({
    method: "POST",
    path: "/grants/{grant}/confirmations",
    auth: "none",
    summary: "Confirm the address with the mailed code; opens a verification session",
    request: m.confirmationRequest,
    answer: m.confirmationAnswer,
    status: 201,
  }),
  provePasscode: route({
    method: "POST",
    path: "/grants/{grant}/passcode",
    auth: "recipient",
    summary: "Show the verifier of the passcode, where the grant demands one",
    request: m.passcodeRequest,
  }),
  proveAuthenticator: route({
    method: "POST",
    path: "/grants/{grant}/authenticator",
    auth: "recipient",
    summary: "Give a code of the enrolled authenticator, where the grant demands one",
    request: m.authenticatorCodeRequest,
  }),
  askPasskey: route({
    method: "POST",
    path: "/grants/{grant}/passkey/challenge",
    auth: "recipient",
    summary: "What a passkey is to sign, where the grant demands one; takes the place of what was asked before",
    answer: m.passkeyChallengeAnswer,
    status: 201,
  }),
  provePasskey: route({
    method: "POST",
    path: "/grants/{grant}/passkey",
    auth: "recipient",
    summary: "Give the signature of an enrolled passkey",
    request: m.passkeyRequest,
  }),
  ownFactors: route({
    method: "GET",
    path: "/grants/{grant}/factors",
    auth: "recipient",
    summary: "What the recipient's address has enrolled; only after a second factor was passed",
    answer: m.ownFactorsAnswer,
  }),
  beginAuthenticator: route({
    method: "POST",
    path: "/grants/{grant}/authenticator/enrolment",
    auth: "recipient",
    summary: "Begin to enrol an authenticator for later files; its secret is shown once",
    answer: m.authenticatorAnswer,
    status: 201,
  }),
  confirmAuthenticator: route({
    method: "POST",
    path: "/grants/{grant}/authenticator/confirmation",
    auth: "recipient",
    summary: "Finish enrolling with the first code of the app",
    request: m.authenticatorCodeRequest,
  }),
  beginPasskey: route({
    method: "POST",
    path: "/grants/{grant}/passkey/enrolment",
    auth: "recipient",
    summary: "Begin to enrol a passkey for later files",
    answer: m.passkeyEnrolmentAnswer,
    status: 201,
  }),
  confirmPasskey: route({
    method: "POST",
    path: "/grants/{grant}/passkey/confirmation",
    auth: "recipient",
    summary: "Finish enrolling with the passkey that the device made",
    request: m.passkeyRegistration,
  }),
  removeOwnFactor: route({
    method: "POST",
    path: "/grants/{grant}/factors/removal",
    auth: "recipient",
    summary: "Take away the second factor that this session was opened with",
    request: m.ownFactorRemoval,
  }),
  release: route({
    method: "POST",
    path: "/grants/{grant}/release",
    auth: "recipient",
    summary: "Have the shares sealed to an ephemeral key",
    request: m.releaseRequest,
    answer: m.releaseAnswer,
  }),
  blobTarget: route({
    method: "POST",
    path: "/grants/{grant}/blob",
    auth: "recipient",
    summary: "A fresh short-lived URL to read ranges of the blob",
    answer: m.blobTarget,
  }),
  receipt: route({
    method: "POST",
    path: "/grants/{grant}/receipt",
    auth: "recipient",
    summary: "Say that the files arrived whole",
    request: m.receiptRequest,
  }),
  mailbox: route({
    method: "GET",
    path: "/mailbox",
    auth: "none",
    summary: "Evaluation only: mails that would have been sent; ?to= filters",
    answer: m.mailboxAnswer,
  }),
} as const;

export type RouteName = keyof typeof routes;
/** Routes that a member calls. */
export type MemberRoute = {
  [Name in RouteName]: (typeof routes)[Name]["auth"] extends "member" ? Name : never;
}[RouteName];
export const API_BASE = "/api/v1";
