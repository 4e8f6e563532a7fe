/** The organisation's recovery key, and requests of two people to bring a transfer back with it. */
import type { Migration } from "../migration.ts";

export const recovery: Migration = {
  number: 10,
  name: "organisation recovery",
  statements: ({ text, integer, bytes, counter, strict }) => [
    `create table recovery_keys (
      organisation ${text} not null references organisations (id),
      generation ${integer} not null,
      device ${text} not null references devices (id),
      statement ${bytes} not null,
      signature ${bytes} not null,
      created_at ${integer} not null,
      primary key (organisation, generation)
    )${strict}`,
    `create table recoveries (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      transfer ${text} not null references transfers (id),
      member ${text} not null references members (id),
      device ${text} not null references devices (id),
      signature ${bytes} not null,
      created_at ${integer} not null,
      approved_by ${text} references devices (id),
      approved_at ${integer},
      released_key_hash ${bytes}
    )${strict}`,
    "create index recoveries_of_organisation on recoveries (organisation, number)",
    "create index recoveries_by_age on recoveries (created_at)",
    "create index members_of_organisation on members (organisation)",
  ],
};
