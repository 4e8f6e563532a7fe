/**
 * The mail with an invitation, as a job of the outbox. The job holds neither link nor address; the token is made again from its salt
 * under the key that is not in the database. An invitation that was withdrawn, used or mailed anew is not mailed any more.
 */
import type { Language } from "@safeconduct/contract";
import {
  base64UrlText,
  type Bytes,
  drawId,
  type InvitationId,
  parseId,
  type Random,
  type Sha256,
} from "@safeconduct/foundation";
import { isJsonObject, parseCanonicalJson } from "@safeconduct/ledger";
import { letter } from "../mail/letter.ts";
import type { Mail } from "../mail/ports.ts";
import { MAIL_TEXTS } from "../mail/texts.ts";
import type { Deliverer } from "../outbox/ports.ts";
import type { InvitationRecord, JobRecord } from "../records.ts";
import type { Store, View } from "../store.ts";
import { INVITATION_LIFE_MS, invitationLink, invitationToken } from "./invitation.ts";

/** It takes the place of the one for an older link. */
export function invitationMailJob(
  { id, salt, sentAt, expiresAt }: Pick<InvitationRecord, "id" | "salt" | "sentAt" | "expiresAt">,
  random: Random,
): JobRecord {
  return {
    id: drawId("job", random),
    kind: "invitation-mail",
    key: `invitation-mail ${id}`,
    payload: JSON.stringify({ invitation: id, salt: base64UrlText(salt) }),
    createdAt: sentAt,
    dueAt: sentAt,
    expiresAt,
    attempts: 0,
    owner: null,
  };
}

export function invitationMailDeliverer({
  store,
  mail,
  sha256,
  codeKey,
  origin,
  language,
}: {
  store: Store;
  mail: Mail;
  sha256: Sha256;
  codeKey: Bytes;
  /** Of the portal, without a slash at the end. */
  origin: () => string;
  /** The organisation's: nobody knows yet what the person reads. */
  language: Language;
}): Deliverer {
  return {
    async deliver(job, now) {
      const wanted = await store.read(async (view) => {
        const invitation = await wantedInvitation(view, job);
        if (invitation === null || now >= invitation.expiresAt) return null;
        const organisation = await view.organisation(invitation.organisation);
        const inviter = await view.findMember(invitation.invitedBy);
        return { invitation, organisation: organisation?.name ?? "", inviter: inviter?.name ?? "" };
      });
      if (wanted === null) return;
      const { invitation, organisation, inviter } = wanted;
      const { id, salt, address } = invitation;
      const link = invitationLink(origin(), invitationToken(sha256, { key: codeKey, salt, invitation: id }));
      const hours = INVITATION_LIFE_MS / HOUR_MS;
      const text = MAIL_TEXTS[language].invitation({ organisation, inviter, link, hours });
      await mail.send({ to: address, ...letter(language, text) });
    },
    async giveUp(tx, job, now) {
      const invitation = await wantedInvitation(tx, job);
      if (invitation === null) return [];
      await tx.updateInvitation(invitation.id, { undeliveredAt: now });
      return [
        {
          type: "member/invitation-undelivered",
          actor: { kind: "system" },
          organisation: invitation.organisation,
          detail: { invitation: invitation.id, member: invitation.member },
          refused: "mail/undelivered",
        },
      ];
    },
  };
}

/** As {@link codeMailNeed} says it of codes. */
export async function invitationMailNeed(
  view: View,
  job: JobRecord,
  now: number,
): Promise<"wanted" | "idle" | "unknown"> {
  const parsed = parsedPayload(job.payload);
  const invitation = parsed && (await view.findInvitation(parsed.invitation));
  // One that was withdrawn or used leaves its job behind until the outbox comes by.
  if (parsed === null) return "unknown";
  return invitation !== null && now < invitation.expiresAt && isCurrent(invitation, parsed.salt) ? "wanted" : "idle";
}

async function wantedInvitation(view: View, { payload }: JobRecord): Promise<InvitationRecord | null> {
  const parsed = parsedPayload(payload);
  if (parsed === null) throw new Error("a job names no invitation");
  const invitation = await view.findInvitation(parsed.invitation);
  return invitation !== null && isCurrent(invitation, parsed.salt) ? invitation : null;
}

const isCurrent = (invitation: InvitationRecord, salt: string): boolean => base64UrlText(invitation.salt) === salt;

function parsedPayload(payload: string): { invitation: InvitationId; salt: string } | null {
  const value = parseCanonicalJson(payload);
  if (!isJsonObject(value)) return null;
  const { invitation, salt } = value;
  const id = typeof invitation === "string" ? parseId("invitation", invitation) : null;
  return id === null || typeof salt !== "string" ? null : { invitation: id, salt };
}

const HOUR_MS = 60 * 60 * 1000;
