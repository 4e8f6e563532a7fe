/** What a recipient's passkey is to sign, for a short time: it goes with the verification session that asked for it. */
import type { Migration } from "../migration.ts";

export const passkeyChallenges: Migration = {
  number: 12,
  name: "passkey challenges",
  statements: ({ integer, bytes }) => [
    `alter table verifications add column challenge ${bytes}`,
    `alter table verifications add column challenge_expires_at ${integer} not null default 0`,
  ],
};
