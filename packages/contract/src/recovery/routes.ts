/** Routes about recovery by two people of the organisation. */
import { route } from "../route.ts";
import { memberReleaseAnswer, memberReleaseRequest } from "../transfers/messages.ts";
import * as m from "./messages.ts";

export const recoveryRoutes = {
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
    request: memberReleaseRequest,
    answer: memberReleaseAnswer,
  }),
} as const;
