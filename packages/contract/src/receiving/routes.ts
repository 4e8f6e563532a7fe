/** Routes of a recipient: from the invitation to the receipt. */
import { route } from "../route.ts";
import * as m from "./messages.ts";

export const receivingRoutes = {
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
  acceptConditions: route({
    method: "POST",
    path: "/grants/{grant}/acceptance",
    auth: "recipient",
    summary: "Accept what the sender asks; before it nothing is released, where the terms have conditions",
    request: m.acceptanceRequest,
  }),
  attestDeletion: route({
    method: "POST",
    path: "/grants/{grant}/deletion",
    auth: "recipient",
    summary: "Say that the copies that were made are deleted",
  }),
  sendDeletionCode: route({
    method: "POST",
    path: "/grants/{grant}/deletion/codes",
    auth: "none",
    summary:
      "After the end of a link: mail a code to its recipient, to confirm a deletion with. Answered alike for any link and address",
    request: m.deletionCodeRequest,
    answer: m.deletionCodeAnswer,
    status: 202,
  }),
  confirmDeletion: route({
    method: "POST",
    path: "/grants/{grant}/deletion/confirmations",
    auth: "none",
    summary: "After the end of a link: say with that code that the copies that were made are deleted",
    request: m.deletionConfirmation,
  }),
  reportProblem: route({
    method: "POST",
    path: "/grants/{grant}/problems",
    auth: "recipient",
    summary: "Tell the sender that something is wrong, by a closed list; no second factor is needed for it",
    request: m.problemReport,
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
    summary:
      "Say that the files arrived whole: all of them, or all that the page can show where only viewing is allowed",
    request: m.receiptRequest,
  }),
} as const;
