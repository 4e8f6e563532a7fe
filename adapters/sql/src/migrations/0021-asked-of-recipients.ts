/**
 * What a sender asks of a recipient and what became of it. A receipt can close a link, so a grant ends at a time of its own, and one
 * that was closed is destroyed with what somebody ordered: the time of its terms is still to come.
 */
import type { Migration } from "../migration.ts";

export const askedOfRecipients: Migration = {
  number: 21,
  name: "asked of recipients",
  statements: ({ integer }) => [
    `alter table grants add column ends_at ${integer} not null default 0`,
    "update grants set ends_at = not_after",
    `alter table grants add column terms_accepted_at ${integer}`,
    `alter table grants add column deletion_attested_at ${integer}`,
    "drop index grants_live",
    `create index grants_live on grants (ends_at, number)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')`,
    "drop index grants_open",
    `create index grants_open on grants (organisation, ends_at, number)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')`,
    "drop index grants_to_destroy_by_order",
    `create index grants_to_destroy_by_order on grants (destroy_due_at, number)
      where destroyed_at is null and state in ('revoked', 'closed')`,
  ],
};
