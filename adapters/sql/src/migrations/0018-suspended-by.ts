/** Who closed a link for now: what a compliance officer closed, its sender does not open again. */
import type { Migration } from "../migration.ts";

export const suspendedBy: Migration = {
  number: 18,
  name: "suspended by",
  statements: ({ text }) => [`alter table grants add column suspended_by ${text} references members (id)`],
};
