/**
 * The fields that several messages of the HTTP API share. Everything here is parsed strictly, once, at the edge;
 * inside, the branded types say that it was.
 */
import { base64UrlBytes, type Bytes, base64UrlText, parseId } from "@safeconduct/foundation";
import { z } from "zod";
import { INSTANT_MAX, LANGUAGES, PROFILES, PURPOSES } from "./plain.ts";

const idField = <Kind extends Parameters<typeof parseId>[0]>(kind: Kind, description: string) =>
  z
    .string()
    .max(64)
    .transform((text, context) => {
      const id = parseId<Kind>(kind, text);
      if (id !== null) return id;
      context.addIssue({ code: "custom", message: `not a ${kind} id` });
      return z.NEVER;
    })
    .meta({ description, example: undefined });

export const organisationId = idField("organisation", "Organisation id: org_ and 26 base32 characters");
export const memberId = idField("member", "Member id: mem_ and 26 base32 characters");
export const deviceId = idField("device", "Device id: dev_ and 26 base32 characters");
export const transferId = idField("transfer", "Transfer id: trf_ and 26 base32 characters, drawn by the client");
export const grantId = idField("grant", "Grant id: grt_ and 26 base32 characters, drawn by the client");
export const recoveryId = idField("recovery", "Recovery id: rcv_ and 26 base32 characters, drawn by the client");
export const invitationId = idField("invitation", "Invitation id: inv_ and 26 base32 characters");
export const tokenId = idField("token", "API token id: tok_ and 26 base32 characters");

/** Bytes as unpadded base64url in their only spelling; `minBytes` to `maxBytes` long. */
export const bytesField = ({ minBytes = 0, maxBytes }: { minBytes?: number; maxBytes: number }) =>
  z
    .string()
    .max(Math.ceil((maxBytes * 4) / 3) + 2)
    .transform((text, context): Bytes => {
      const bytes = base64UrlBytes(text);
      if (bytes !== null && bytes.length >= minBytes && bytes.length <= maxBytes) return bytes;
      context.addIssue({ code: "custom", message: "not base64url of the expected length" });
      return z.NEVER;
    })
    .meta({ description: `base64url, ${minBytes} to ${maxBytes} bytes` });

/** Bytes on their way out: the same text that {@link bytesField} reads. */
export const bytesText = (bytes: Uint8Array): string => base64UrlText(bytes);

/** Exactly `length` bytes. */
export const fixedBytes = (length: number) => bytesField({ minBytes: length, maxBytes: length });

/** Milliseconds since the Unix epoch. */
export const instant = z.int().min(0).max(INSTANT_MAX).meta({ description: "Milliseconds since 1970-01-01T00:00Z" });

export const ADDRESS_MAX_LENGTH = 254;

/**
 * A mail address: the HTML living standard's pattern, at most 254 octets (RFC 5321), with a dot in the domain.
 * Surrounding spaces go and the domain is lowered; the local part is kept as it was given.
 */
export const mailAddress = z
  .string()
  .max(2 * ADDRESS_MAX_LENGTH)
  .transform((text, context) => {
    const trimmed = text.trim();
    const at = trimmed.lastIndexOf("@");
    const address = `${trimmed.slice(0, at)}@${trimmed.slice(at + 1).toLowerCase()}`;
    const wellFormed =
      at > 0 &&
      at <= 64 &&
      address.length <= ADDRESS_MAX_LENGTH &&
      /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/.test(
        address,
      );
    if (wellFormed) return address;
    context.addIssue({ code: "custom", message: "not a mail address" });
    return z.NEVER;
  });

/** A name that people read: one line, no control or bidirectional override characters, not blank. */
export const displayName = (maxLength = 120) =>
  z
    .string()
    .max(4 * maxLength)
    .transform((text, context) => {
      const name = text.normalize("NFC").trim().replace(/\s+/gu, " ");
      if (name.length >= 1 && name.length <= maxLength && name.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(name))
        return name;
      context.addIssue({ code: "custom", message: `not a name of 1 to ${maxLength} characters` });
      return z.NEVER;
    });

/** One of {@link LANGUAGES}. */
export const language = z.enum(LANGUAGES);

/** A code of {@link PURPOSES}. */
export const purpose = z.enum(PURPOSES);

/** One of {@link PROFILES}. */
export const profile = z.enum(PROFILES);
export type Profile = z.output<typeof profile>;

/** How long a link lives where its sender says nothing else, in milliseconds. */
export const DEFAULT_LIFE_MS: Readonly<Record<Profile, number>> = {
  viewable: 24 * 60 * 60 * 1000,
  downloadable: 48 * 60 * 60 * 1000,
};

/** Files are regulated unless their sender declares them public: then nobody needs a second factor. */
export const handling = z.enum(["regulated", "public"]);
export type Handling = z.output<typeof handling>;

/** What a member may do at an organisation; one person can have several. In the order in which they are kept. */
export const MEMBER_ROLES = ["sender", "reviewer", "compliance-officer", "administrator"] as const;
export const memberRole = z.enum(MEMBER_ROLES);
export type MemberRole = z.output<typeof memberRole>;

/** At least one, each once, in the order of {@link MEMBER_ROLES} whatever order they came in. */
export const memberRoles = z
  .array(memberRole)
  .min(1)
  .max(MEMBER_ROLES.length)
  .transform((roles): readonly MemberRole[] => MEMBER_ROLES.filter((role) => roles.includes(role)));

/** What an event of the audit log is about, for whoever looks for one. */
export const eventGroup = z.enum(["sending", "opening", "ending", "recovery", "members", "instance", "audit"]);
export type EventGroup = z.output<typeof eventGroup>;

/** What kind of question was put to the audit log; an entry says this much of each, and no more. */
export const auditQuestionKind = z.enum(["search", "went-to", "after-deadline", "refused", "opened", "open-links"]);
export type AuditQuestionKind = z.output<typeof auditQuestionKind>;

/** What a recipient can tell the sender: a closed list, because free words could hold health data and would lie here readable. */
export const problemKind = z.enum(["wrong-person", "cannot-open", "missing-file", "wrong-patient", "other"]);
export type ProblemKind = z.output<typeof problemKind>;

/** What a recipient must bring beside the link and the mailed code. */
export const secondFactorKind = z.enum(["passcode", "authenticator", "passkey"]);

/** Of those, what an address can enrol at an organisation. */
export const enrolledFactorKind = z.enum(["authenticator", "passkey"]);

/** A 6-digit code; spaces and a dash are forgiven, people paste them. */
export const sixDigitCode = z
  .string()
  .max(20)
  .transform((text, context) => {
    const digits = text.replace(/[\s-]/gu, "");
    if (/^[0-9]{6}$/.test(digits)) return digits;
    context.addIssue({ code: "custom", message: "not a code of six digits" });
    return z.NEVER;
  });
