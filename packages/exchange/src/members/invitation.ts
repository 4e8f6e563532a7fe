/**
 * An invitation to become a member: a link that works once, for 48 hours, and only from the mail that went to the address. Nobody
 * else sees the link, the administrator neither: whoever joins has read that mailbox, so the address under their name is theirs.
 */
import { base64UrlText, type Bytes, idBytes, type InvitationId, type Sha256, utf8Bytes } from "@safeconduct/foundation";
import type { InvitationRecord } from "../records.ts";
import type { View } from "../store.ts";
import { membersProblem } from "./errors.ts";

export const INVITATION_LIFE_MS = 48 * 60 * 60 * 1000;
/** A second mail to the same address comes at the earliest after this. */
export const INVITATION_RESEND_MS = 60 * 1000;
export const INVITATION_SALT_BYTES = 16;
const KEY_BYTES = 32;
const DOMAIN = utf8Bytes("safeconduct/invitation/v1\0");

/**
 * 32 bytes, made from key and salt and kept nowhere: who mails it makes it again, also after a crash, and a copy of the database
 * alone cannot. `key` is the one of mailed codes; the domain keeps the two apart. Everything has a fixed length.
 */
export function invitationToken(
  sha256: Sha256,
  { key, salt, invitation }: { key: Bytes; salt: Bytes; invitation: InvitationId },
): Bytes {
  if (key.length !== KEY_BYTES) throw new RangeError(`the code key has ${KEY_BYTES} bytes`);
  return sha256(DOMAIN, key, salt, idBytes(invitation));
}

/** The token stands in the fragment, which browsers do not send: neither our log nor a proxy's has it. */
export const invitationLink = (origin: string, token: Bytes): string => `${origin}/join#token=${base64UrlText(token)}`;

/** Letter case of an address does not make another person. */
export const isSameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The invitation behind an attacker-controlled token. Problem `invitation/unavailable`. */
export async function openInvitation(
  view: View,
  { token, sha256, now }: { token: Bytes; sha256: Sha256; now: number },
): Promise<InvitationRecord> {
  const invitation = await view.findInvitationByToken(sha256(token));
  if (invitation === null || now >= invitation.expiresAt) throw membersProblem("invitation/unavailable");
  return invitation;
}
