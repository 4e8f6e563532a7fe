/** Routes about recipients' second factors: their own, and what members may ask. */
import { authenticatorAnswer } from "../pieces.ts";
import { route } from "../route.ts";
import * as m from "./messages.ts";

/** Routes of a recipient's second factors. */
export const ownFactorRoutes = {
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
    answer: authenticatorAnswer,
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
} as const;

/** What members may ask about a recipient's second factors. */
export const recipientFactorRoutes = {
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
} as const;
