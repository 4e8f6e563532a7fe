/** Routes about an organisation's members, and about joining it. */
import { authenticatorAnswer } from "../pieces.ts";
import { route } from "../route.ts";
import { memberAnswer } from "../sessions/messages.ts";
import * as m from "./messages.ts";

export const memberRoutes = {
  listMembers: route({
    method: "GET",
    path: "/members",
    auth: "member",
    summary: "Members of the organisation and open invitations",
    answer: m.memberListAnswer,
  }),
  changeRoles: route({
    method: "POST",
    path: "/members/{member}/roles",
    auth: "member",
    summary: "What another member may do from now on",
    request: m.rolesRequest,
  }),
  removeMember: route({
    method: "DELETE",
    path: "/members/{member}",
    auth: "member",
    summary: "Remove another member: sessions and API tokens end at once",
  }),
  inviteMember: route({
    method: "POST",
    path: "/invitations",
    auth: "member",
    summary: "Invite somebody by mail: a link for 48 hours that works once",
    request: m.invitationRequest,
    answer: m.memberInvitation,
    status: 201,
  }),
  resendInvitation: route({
    method: "POST",
    path: "/invitations/{invitation}/mail",
    auth: "member",
    summary: "Mail an invitation again, with a fresh link",
  }),
  withdrawInvitation: route({
    method: "DELETE",
    path: "/invitations/{invitation}",
    auth: "member",
    summary: "Take an invitation back",
  }),
  invited: route({
    method: "POST",
    path: "/joining",
    auth: "none",
    summary: "What an invitation is for. Changes nothing",
    request: m.invitedRequest,
    answer: m.invitedAnswer,
  }),
  enrolInvited: route({
    method: "POST",
    path: "/joining/enrolment",
    auth: "none",
    summary: "Name and password of somebody who was invited; answers with the authenticator to add",
    request: m.joiningRequest,
    answer: authenticatorAnswer,
  }),
  completeJoining: route({
    method: "POST",
    path: "/joining/completion",
    auth: "none",
    summary: "Confirm the authenticator; makes the member and signs in",
    request: m.joiningCompletion,
    answer: memberAnswer,
    status: 201,
  }),
} as const;
