/**
 * Walks along a type or a member get indices that nothing else fits. Beside an index by time alone, SQLite's planner, which has no
 * statistics, took that one for its range and read through every event of the organisation.
 */
import type { Migration } from "../migration.ts";

export const auditWalks: Migration = {
  number: 19,
  name: "audit walks",
  statements: () => [
    "drop index events_by_type",
    "drop index events_by_member",
    "create index events_by_type on events ((coalesce(organisation, '') || ' ' || type), at, number)",
    "create index events_by_member on events (member, at, number) where member is not null",
  ],
};
