/** Holds on transfers, and links that their sender has closed for now. */
import type { Migration } from "../migration.ts";

export const holds: Migration = {
  number: 7,
  name: "holds and suspensions",
  statements: ({ text, integer, counter, strict }) => [
    `create table holds (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      transfer ${text} not null references transfers (id),
      reason ${text} not null,
      member ${text} not null references members (id),
      placed_at ${integer} not null,
      told_at ${integer},
      lifted_at ${integer}
    )${strict}`,
    "create index holds_of_transfer on holds (transfer, number)",
    "create index holds_standing on holds (transfer) where lifted_at is null",
    "create index holds_to_tell on holds (number) where lifted_at is null and told_at is null",
    `alter table grants add column suspended_at ${integer}`,
  ],
};
