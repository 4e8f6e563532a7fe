/** Routes of members and joining, each tied to its use case. */
import type { memberRoutes } from "@safeconduct/contract";
import {
  changeRoles,
  completeJoining,
  enrolInvited,
  inviteMember,
  listMembers,
  openedFrom,
  removeMember,
  resendInvitation,
  showInvited,
  withdrawInvitation,
} from "@safeconduct/exchange";
import type { Instance } from "../../instance.ts";
import { invitationBody, memberBody, memberListBody } from "../answers.ts";
import { setSessionCookie } from "../callers.ts";
import type { Handlers } from "../routing.ts";
import { invitationIn, memberIn } from "./path-ids.ts";

export function memberHandlers(instance: Instance): Pick<Handlers, keyof typeof memberRoutes> {
  const { store, perform, outbox, identity, codeKey } = instance;
  const { random, sha256 } = instance.crypto;
  const inviting = { perform, outbox, random, sha256, codeKey };
  return {
    listMembers: async ({ caller }) => memberListBody(await listMembers({ store }, caller)),
    changeRoles: async ({ caller, path, body }) => {
      await changeRoles({ perform }, caller, { member: memberIn(path), ...body });
      return undefined;
    },
    removeMember: async ({ caller, path }) => {
      await removeMember({ perform, identity }, caller, memberIn(path));
      return undefined;
    },
    inviteMember: async ({ caller, body }) => invitationBody(await inviteMember(inviting, caller, body)),
    resendInvitation: async ({ caller, path }) => {
      await resendInvitation(inviting, caller, invitationIn(path));
      return undefined;
    },
    withdrawInvitation: async ({ caller, path }) => {
      await withdrawInvitation({ perform, identity }, caller, invitationIn(path));
      return undefined;
    },
    invited: async ({ body, now }) => {
      const { invitation, organisation } = await showInvited({ store, sha256, now }, body);
      const { name, address, roles, expiresAt } = invitation;
      return { organisation: organisation.name, name, address, roles: [...roles], expiresAt };
    },
    enrolInvited: ({ body, now }) => enrolInvited({ store, identity, sha256, now }, body),
    completeJoining: async ({ body, reply, now }) => {
      const from = openedFrom(reply.request.headers["user-agent"]);
      const joined = await completeJoining({ store, perform, identity, random, sha256, now }, { ...body, from });
      setSessionCookie(reply, joined.session);
      return memberBody(joined.member, joined.organisation);
    },
  };
}
