/** Where a recipient works, as the sender wrote it beside the name. */
import type { Migration } from "../migration.ts";

export const recipientOrganisation: Migration = {
  number: 13,
  name: "recipient's organisation",
  statements: ({ text }) => [`alter table grants add column recipient_organisation ${text}`],
};
