/** What recipients report to a sender: the last word, when, and how many there were. */
import type { Migration } from "../migration.ts";

export const problemReports: Migration = {
  number: 22,
  name: "problem reports",
  statements: ({ text, integer }) => [
    `alter table grants add column problem_kind ${text}`,
    `alter table grants add column problem_reported_at ${integer}`,
    `alter table grants add column problem_reports ${integer} not null default 0`,
  ],
};
