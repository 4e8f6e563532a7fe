/** Codes with which a recipient confirms after the end of a link that copies are deleted: how many were mailed. */
import type { Migration } from "../migration.ts";

export const deletionCodes: Migration = {
  number: 27,
  name: "deletion codes",
  statements: ({ integer }) => [`alter table grants add column deletion_codes ${integer} not null default 0`],
};
