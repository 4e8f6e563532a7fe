/** Portal sessions are locked instead of ended when nobody uses them, and say from which browser they were opened. */
import type { Migration } from "../migration.ts";

export const lockedSessions: Migration = {
  number: 20,
  name: "locked sessions",
  statements: ({ text, integer }) => [
    `alter table sessions add column browser ${text} not null default 'other'`,
    `alter table sessions add column system ${text} not null default 'other'`,
    `alter table sessions add column locked_at ${integer}`,
    `alter table sessions add column proven_at ${integer} not null default 0`,
  ],
};
