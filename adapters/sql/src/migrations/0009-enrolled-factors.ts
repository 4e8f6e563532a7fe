/** Second factors that recipients' addresses have enrolled. Rows name nobody: the address is a keyed digest. */
import type { Migration } from "../migration.ts";

export const enrolledFactors: Migration = {
  number: 9,
  name: "enrolled factors",
  statements: ({ text, integer, bytes, counter, strict }) => [
    `create table factors (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      address_digest ${bytes} not null,
      kind ${text} not null,
      session ${text} not null,
      credential ${bytes} not null,
      counter ${integer} not null,
      failures ${integer} not null,
      locked_until ${integer} not null,
      created_at ${integer} not null,
      confirmed_at ${integer}
    )${strict}`,
    "create index factors_of_address on factors (organisation, address_digest)",
  ],
};
