/** An open link of which its recipient has reported a problem needs attention too: the index of such links, made anew. */
import type { Migration } from "../migration.ts";

export const reportedTransfers: Migration = {
  number: 25,
  name: "reported transfers",
  statements: () => [
    "drop index grants_troubled",
    `create index grants_troubled on grants (organisation, transfer)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')
        and (suspended_at is not null or code_undelivered_at is not null or factor_failures >= 10 or problem_kind is not null)`,
  ],
};
