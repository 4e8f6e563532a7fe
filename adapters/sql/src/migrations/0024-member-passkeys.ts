/** Passkeys that members sign in with, and what one of them is to sign, for a short time. Nothing in either is secret for longer. */
import type { Migration } from "../migration.ts";

export const memberPasskeys: Migration = {
  number: 24,
  name: "member passkeys",
  statements: ({ text, integer, bytes, counter, strict }) => [
    `create table member_passkeys (
      number ${counter},
      id ${text} not null unique,
      member ${text} not null references members (id),
      name ${text} not null,
      credential_id ${bytes} not null unique,
      credential ${bytes} not null,
      counter ${integer} not null,
      created_at ${integer} not null,
      used_at ${integer}
    )${strict}`,
    "create index member_passkeys_of_member on member_passkeys (member, number)",
    `create table passkey_challenges (
      holder ${bytes} primary key,
      challenge ${bytes} not null,
      expires_at ${integer} not null
    )${strict}`,
    "create index passkey_challenges_by_end on passkey_challenges (expires_at)",
  ],
};
