/** Routes about how a member signs in: their password, their passkeys, signing in and unlocking with one, and the language they read. */
import { passkeyChallengeAnswer, passkeyRequest } from "../factors/messages.ts";
import { route } from "../route.ts";
import { memberAnswer } from "../sessions/messages.ts";
import * as m from "./messages.ts";

export const accountRoutes = {
  askSignInPasskey: route({
    method: "POST",
    path: "/sessions/passkey/challenge",
    auth: "none",
    summary: "What a member's passkey is to sign to sign in; a cookie ties it to this browser",
    answer: passkeyChallengeAnswer,
    status: 201,
  }),
  signInWithPasskey: route({
    method: "POST",
    path: "/sessions/passkey",
    auth: "none",
    summary: "Sign in with a passkey alone",
    request: m.passkeySignInRequest,
    answer: memberAnswer,
    status: 201,
  }),
  askProofPasskey: route({
    method: "POST",
    path: "/sessions/current/passkey/challenge",
    auth: "member",
    whenLocked: "open",
    summary: "What a passkey of the member is to sign for a fresh proof in this portal session",
    answer: m.proofPasskeyAnswer,
    status: 201,
  }),
  provePasskeyOfMember: route({
    method: "POST",
    path: "/sessions/current/passkey",
    auth: "member",
    whenLocked: "open",
    summary: "Unlock this portal session, or give a fresh proof, with a passkey",
    request: passkeyRequest,
  }),
  changePassword: route({
    method: "POST",
    path: "/me/password",
    auth: "member",
    summary: "Choose a new password; signs the member out everywhere else, and they get a mail",
    request: m.passwordChangeRequest,
  }),
  chooseLanguage: route({
    method: "POST",
    path: "/me/language",
    auth: "member",
    summary: "The language in which the member reads the portal; mails to them are in it",
    request: m.languageRequest,
  }),
  listMemberPasskeys: route({
    method: "GET",
    path: "/me/passkeys",
    auth: "member",
    summary: "Passkeys that the member signs in with",
    answer: m.memberPasskeyListAnswer,
  }),
  beginMemberPasskey: route({
    method: "POST",
    path: "/me/passkeys/enrolment",
    auth: "member",
    summary: "Begin to add a passkey; takes a proof of the last five minutes",
    answer: m.memberPasskeyEnrolmentAnswer,
    status: 201,
  }),
  addMemberPasskey: route({
    method: "POST",
    path: "/me/passkeys",
    auth: "member",
    summary: "Add the passkey that the device made, under a name; the member gets a mail",
    request: m.memberPasskeyRegistration,
    answer: m.memberPasskeyAnswer,
    status: 201,
  }),
  removeMemberPasskey: route({
    method: "DELETE",
    path: "/me/passkeys/{passkey}",
    auth: "member",
    summary: "Remove a passkey; takes a proof of the last five minutes, and the member gets a mail",
  }),
} as const;
