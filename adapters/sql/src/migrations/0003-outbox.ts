/** Work that goes outside after its decision, and what became of a code that could not be mailed. */
import type { Migration } from "../migration.ts";

export const outbox: Migration = {
  number: 3,
  name: "outbox",
  statements: ({ text, integer, counter, strict }) => [
    `create table jobs (
      number ${counter},
      id ${text} not null unique,
      kind ${text} not null,
      key ${text} not null unique,
      payload ${text} not null,
      created_at ${integer} not null,
      due_at ${integer} not null,
      expires_at ${integer} not null,
      attempts ${integer} not null,
      owner ${text}
    )${strict}`,
    "create index jobs_due on jobs (due_at, number)",
    "create index jobs_of_owner on jobs (owner) where owner is not null",
    `alter table grants add column code_undelivered_at ${integer}`,
  ],
};
