/** A report that was marked as dealt with needs no attention any more: when that was, and the index of what does, made anew. */
import type { Migration } from "../migration.ts";

export const problemsSettled: Migration = {
  number: 28,
  name: "problems settled",
  statements: ({ integer }) => [
    `alter table grants add column problem_settled_at ${integer}`,
    "drop index grants_troubled",
    `create index grants_troubled on grants (organisation, transfer)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')
        and (suspended_at is not null or code_undelivered_at is not null or factor_failures >= 10
          or (problem_kind is not null and problem_settled_at is null))`,
  ],
};
