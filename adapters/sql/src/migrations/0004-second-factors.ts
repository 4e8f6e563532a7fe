/** Second factors of recipients: what checks a passcode, how often it was wrong, and in which session it was passed. */
import type { Migration } from "../migration.ts";

export const secondFactors: Migration = {
  number: 4,
  name: "second factors",
  statements: ({ text, integer, bytes }) => [
    `alter table transfers add column handling ${text} not null default 'regulated'`,
    `alter table grants add column passcode_verifier_hash ${bytes}`,
    `alter table grants add column factor_failures ${integer} not null default 0`,
    `alter table grants add column factor_locked_until ${integer} not null default 0`,
    `alter table verifications add column factor_passed_at ${integer}`,
  ],
};
