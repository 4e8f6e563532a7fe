/** Requests and answers about the audit log: certificates, searches, exports, open links, the state of the ledger. */
import { z } from "zod";
import { auditQuestionKind, displayName, eventGroup, instant, mailAddress, transferId } from "../fields.ts";
import { text, wireBytes } from "../pieces.ts";

const auditCursor = z
  .string()
  .max(40)
  .transform((cursor, context): { at: number; number: number } => {
    const [, at, number] = /^([0-9]{1,16})\.([0-9]{1,16})$/.exec(cursor) ?? [];
    const place = { at: Number(at), number: Number(number) };
    if (Number.isSafeInteger(place.at) && Number.isSafeInteger(place.number)) return place;
    context.addIssue({ code: "custom", message: "not a cursor of this search" });
    return z.NEVER;
  })
  .meta({ description: "`next` of the page before" });
const auditQuestion = {
  question: auditQuestionKind.exclude(["open-links"]).default("search"),
  person: mailAddress.nullable().default(null).meta({ description: "A recipient's or a member's address" }),
  recipientOrganisation: displayName()
    .nullable()
    .default(null)
    .meta({ description: "Where a recipient works, in the sender's words; capitals do not matter" }),
  transfer: transferId.nullable().default(null),
  from: instant.nullable().default(null),
  to: instant.nullable().default(null).meta({ description: "The first instant that counts no more" }),
  group: eventGroup.nullable().default(null),
  outcome: z.enum(["done", "refused"]).nullable().default(null),
  id: z
    .string()
    .max(64)
    .regex(/^(?:#?[0-9]{1,15}|[a-z]{3}_[a-z2-7]{26})$/)
    .nullable()
    .default(null)
    .meta({ description: "An id of anything that an event names, or an entry's place in the ledger" }),
};
export const auditSearchRequest = z.strictObject({ ...auditQuestion, after: auditCursor.nullable().default(null) });
export const auditExportRequest = z.strictObject({ ...auditQuestion, format: z.enum(["csv", "json"]) });
export const auditSearchAnswer = z.object({
  entries: z.array(
    z.object({
      index: z.int().meta({ description: "Place in the ledger" }),
      id: text,
      type: text,
      at: instant,
      outcome: text.nullable().meta({ description: "`done`, or the code of the refusal; null once erased" }),
      memberName: text.nullable(),
      transfer: text.nullable(),
      grant: text.nullable(),
      recipient: z.object({ address: text, name: text.nullable() }).nullable(),
      event: text.nullable().meta({ description: "Canonical JSON, as the leaf commits to it; null once erased" }),
      salt: wireBytes.nullable(),
    }),
  ),
  next: text.nullable().meta({ description: "Goes on where this page ended, also after a page without entries" }),
  looked: z.int().meta({ description: "How many events this page looked at" }),
  unproven: z.int().meta({ description: "Of these, uses of links whose terms are not there any more" }),
});
export const openLinksRequest = z.strictObject({ skip: z.int().min(0).max(1_000_000).default(0) });
export const openLinksAnswer = z.object({
  links: z.array(
    z.object({
      transfer: text,
      grant: text,
      address: text,
      name: text.nullable(),
      notBefore: instant,
      endsAt: instant,
      releases: z.int(),
      releaseCap: z.int(),
      suspendedAt: instant.nullable(),
    }),
  ),
  next: z.int().nullable(),
});
export const ledgerHealthAnswer = z.object({
  entries: z.int(),
  waiting: z.int().meta({ description: "Committed and not in the tree yet" }),
  lastEntryAt: instant.nullable(),
  checkpointSize: z.int(),
  witnessedSize: z
    .int()
    .nullable()
    .meta({ description: "Of the newest checkpoint that the witnesses' quorum cosigned" }),
  witnesses: z.array(
    z.object({
      name: text,
      verifierKey: text,
      cosignedSize: z.int().nullable().meta({ description: "Since the server's start; null: nothing yet" }),
      failure: text.nullable(),
    }),
  ),
  keyLog: z
    .object({ size: z.int(), anchoredAt: instant.nullable(), alarmedAt: instant.nullable() })
    .nullable()
    .meta({ description: "The key service's own log, as it was last written into the ledger" }),
});
export const certificateAnswer = z.looseObject({ format: text, version: z.int() });
