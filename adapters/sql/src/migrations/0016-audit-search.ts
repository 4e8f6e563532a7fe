/**
 * Events can be searched: by time, type, member, outcome, and by a recipient's address through the grants. The two new columns
 * repeat what the readable event says; they go with it when it is erased.
 */
import type { Migration } from "../migration.ts";

/** Events of the instance itself belong to no organisation; one spelling for both, or they would need indices of their own. */
const OF = "coalesce(organisation, '')";

export const auditSearch: Migration = {
  number: 16,
  name: "audit search",
  statements: ({ text, jsonText }) => [
    `alter table events add column member ${text}`,
    `alter table events add column outcome ${text}`,
    `update events set outcome = ${jsonText("body", ["outcome"])},
      member = case when ${jsonText("body", ["actor", "kind"])} = 'member' then ${jsonText("body", ["actor", "id"])} end
      where body is not null`,
    `create index events_by_time on events (${OF}, at, number)`,
    `create index events_by_type on events (${OF}, type, at, number)`,
    `create index events_by_member on events (${OF}, member, at, number) where member is not null`,
    `create index events_refused on events (${OF}, at, number) where outcome <> 'done'`,
    'create index events_of_grant on events ("grant", at, number) where "grant" is not null',
    "create index grants_by_address on grants (organisation, lower(address), number) where kind = 'recipient'",
    `create index grants_open on grants (organisation, not_after, number)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')`,
    "create index members_by_address on members (organisation, lower(address), number)",
  ],
};
