/**
 * What needs a person's attention is found without reading what does not: links that are closed, locked or got no code, and holds.
 * A sender sees only their own transfers, and these come without reading past everybody else's.
 */
import type { Migration } from "../migration.ts";

export const troubledTransfers: Migration = {
  number: 17,
  name: "troubled transfers",
  statements: () => [
    `create index grants_troubled on grants (organisation, transfer)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')
        and (suspended_at is not null or code_undelivered_at is not null or factor_failures >= 10)`,
    "create index transfers_of_member on transfers (organisation, member, created_at, number)",
    "create index holds_standing_of_organisation on holds (organisation, transfer) where lifted_at is null",
  ],
};
