/**
 * A member's chain of devices, and one member key for all of them. Devices of before had a member key each and no chain: they count
 * as removed and are enrolled anew; what they sent stays open to its recipients.
 */
import type { Migration } from "../migration.ts";

export const memberChains: Migration = {
  number: 6,
  name: "chains of devices",
  statements: ({ text, integer, bytes, counter, strict }) => [
    "alter table devices drop column member_public_key",
    "alter table devices drop column wrapped_member_key",
    `alter table devices add column kind ${text} not null default 'device'`,
    `alter table devices add column sealed_keys ${bytes}`,
    `alter table devices add column removed_at ${integer}`,
    "update devices set removed_at = created_at",

    `create table member_statements (
      member ${text} not null references members (id),
      position ${integer} not null,
      statement ${bytes} not null,
      signature ${bytes} not null,
      primary key (member, position)
    )${strict}`,

    `create table member_key_wraps (
      member ${text} not null references members (id),
      generation ${integer} not null,
      holder ${text} not null references devices (id),
      sealed ${bytes} not null,
      primary key (member, generation, holder)
    )${strict}`,
    "create index member_key_wraps_of_holder on member_key_wraps (holder)",

    `create table device_requests (
      number ${counter},
      id ${text} not null unique,
      member ${text} not null references members (id),
      name ${text} not null,
      signing_public_key ${bytes} not null,
      hpke_public_key ${bytes} not null,
      proof ${bytes} not null,
      approval ${bytes},
      created_at ${integer} not null
    )${strict}`,
    "create index device_requests_of_member on device_requests (member)",
    "create index device_requests_by_age on device_requests (created_at)",
  ],
};
