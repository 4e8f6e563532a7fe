/** Events can be searched by the organisation of a recipient, as the sender wrote it. */
import type { Migration } from "../migration.ts";

export const recipientOrganisationSearch: Migration = {
  number: 23,
  name: "recipient organisation search",
  statements: () => [
    `create index grants_by_recipient_organisation on grants (organisation, lower(recipient_organisation), number)
      where kind = 'recipient'`,
  ],
};
