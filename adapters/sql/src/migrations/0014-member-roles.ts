/** What each member may do. Whoever is there already was made at set-up, alone, and keeps what they could do until now. */
import type { Migration } from "../migration.ts";

export const memberRoles: Migration = {
  number: 14,
  name: "member roles",
  statements: ({ text, integer }) => [
    // No default that allows anything: a row that somebody adds by hand may do nothing.
    `alter table members add column roles ${text} not null default ''`,
    "update members set roles = 'sender compliance-officer administrator'",
    `alter table members add column seen_at ${integer}`,
    `alter table members add column removed_at ${integer}`,
    "create index transfers_of_sender on transfers (organisation, member, created_at, number)",
    "create index sessions_of_member on sessions (member)",
  ],
};
