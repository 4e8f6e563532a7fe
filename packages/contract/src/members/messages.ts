/** Requests and answers about an organisation's members, and about joining it. */
import { z } from "zod";
import {
  bytesField,
  displayName,
  instant,
  language,
  mailAddress,
  memberRole,
  memberRoles,
  sixDigitCode,
} from "../fields.ts";
import { password, text } from "../pieces.ts";

export const rolesRequest = z.strictObject({ roles: memberRoles });
export const invitationRequest = z.strictObject({ address: mailAddress, name: displayName(), roles: memberRoles });
export const memberInvitation = z.object({
  id: text,
  name: text,
  address: text,
  roles: z.array(memberRole),
  createdAt: instant,
  sentAt: instant,
  expiresAt: instant,
  undeliveredAt: instant.nullable().meta({ description: "The newest mail found no way" }),
});
export const memberListAnswer = z.object({
  members: z.array(
    z.object({
      id: text,
      name: text,
      address: text,
      roles: z.array(memberRole),
      createdAt: instant,
      seenAt: instant.nullable(),
    }),
  ),
  invitations: z.array(memberInvitation),
});

export const invitationToken = bytesField({ minBytes: 32, maxBytes: 32 });
export const invitedRequest = z.strictObject({ token: invitationToken });
export const invitedAnswer = z.object({
  organisation: text,
  name: text,
  address: text,
  roles: z.array(memberRole),
  expiresAt: instant,
});
export const joiningRequest = z.strictObject({ token: invitationToken, name: displayName(), password });
export const joiningCompletion = z.strictObject({
  token: invitationToken,
  code: sixDigitCode,
  language: language.nullable().default(null).meta({ description: "Of the page; mails to the member are in it" }),
});
