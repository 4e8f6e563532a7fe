/**
 * One clinic sends files and recipients open them.
 * Events name no other row: they stay when everything else about a transfer is gone.
 */
import type { Migration } from "../migration.ts";

export const firstSchema: Migration = {
  number: 1,
  name: "first schema",
  statements: ({ text, integer, bytes, counter, strict }) => [
    `create table instance (
      id ${integer} primary key check (id = 1),
      setup_token_hash ${bytes},
      pending_setup ${text},
      created_at ${integer} not null
    )${strict}`,

    `create table organisations (
      number ${counter},
      id ${text} not null unique,
      name ${text} not null,
      created_at ${integer} not null
    )${strict}`,

    `create table members (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      name ${text} not null,
      address ${text} not null,
      created_at ${integer} not null
    )${strict}`,

    `create table sessions (
      number ${counter},
      id ${text} not null unique,
      member ${text} not null references members (id),
      token_hash ${bytes} not null unique,
      created_at ${integer} not null,
      used_at ${integer} not null,
      expires_at ${integer} not null
    )${strict}`,
    "create index sessions_by_end on sessions (expires_at)",

    `create table tokens (
      number ${counter},
      id ${text} not null unique,
      member ${text} not null references members (id),
      organisation ${text} not null references organisations (id),
      name ${text} not null,
      token_hash ${bytes} not null unique,
      created_at ${integer} not null,
      used_at ${integer},
      revoked_at ${integer}
    )${strict}`,
    "create index tokens_of_member on tokens (member, created_at, number) where revoked_at is null",

    `create table devices (
      number ${counter},
      id ${text} not null unique,
      member ${text} not null references members (id),
      organisation ${text} not null references organisations (id),
      name ${text} not null,
      signing_public_key ${bytes} not null,
      hpke_public_key ${bytes} not null,
      member_public_key ${bytes} not null,
      wrapped_member_key ${bytes} not null,
      created_at ${integer} not null
    )${strict}`,

    `create table transfers (
      number ${counter},
      id ${text} not null unique,
      organisation ${text} not null references organisations (id),
      member ${text} not null references members (id),
      device ${text} not null references devices (id),
      purpose ${text} not null,
      profile ${text} not null,
      state ${text} not null,
      blob_length_bytes ${integer} not null,
      part_count ${integer} not null,
      subject_salt ${bytes} not null,
      seal_record ${bytes},
      seal_signature ${bytes},
      created_at ${integer} not null,
      sealed_at ${integer},
      ended_at ${integer},
      destroy_due_at ${integer},
      destroyed_at ${integer}
    )${strict}`,
    "create index transfers_of_organisation on transfers (organisation, created_at, number)",
    "create index transfers_to_destroy on transfers (destroy_due_at, number) where destroyed_at is null",
    "create index transfers_drafts on transfers (created_at, number) where state = 'draft'",

    `create table parts (
      transfer ${text} not null references transfers (id),
      number ${integer} not null,
      size_bytes ${integer} not null,
      sha256 ${bytes} not null,
      primary key (transfer, number)
    )${strict}`,

    `create table grants (
      number ${counter},
      id ${text} not null unique,
      transfer ${text} not null references transfers (id),
      organisation ${text} not null references organisations (id),
      kind ${text} not null,
      address ${text} not null,
      name ${text},
      state ${text} not null,
      terms ${bytes} not null,
      terms_hash ${bytes} not null,
      slot ${bytes} not null,
      sealed_link_secret ${bytes},
      not_before ${integer} not null,
      not_after ${integer} not null,
      release_cap ${integer} not null,
      releases ${integer} not null,
      created_at ${integer} not null,
      confirmed_at ${integer},
      first_released_at ${integer},
      receipt_at ${integer},
      ended_at ${integer},
      destroy_due_at ${integer},
      destroyed_at ${integer}
    )${strict}`,
    "create index grants_of_transfer on grants (transfer, kind desc, number)",
    `create index grants_live on grants (not_after, number)
      where kind = 'recipient' and state in ('pending', 'confirmed', 'used')`,
    `create index grants_ended on grants (destroy_due_at, number)
      where destroyed_at is null and state in ('expired', 'revoked', 'capped')`,

    `create table codes (
      "grant" ${text} not null primary key references grants (id),
      code_hash ${bytes},
      salt ${bytes} not null,
      expires_at ${integer} not null,
      failures ${integer} not null,
      locked_until ${integer} not null,
      sent_at ${integer} not null,
      sends ${integer} not null,
      send_window_at ${integer} not null
    )${strict}`,

    `create table verifications (
      number ${counter},
      id ${text} not null unique,
      "grant" ${text} not null references grants (id),
      token_hash ${bytes} not null unique,
      created_at ${integer} not null,
      expires_at ${integer} not null
    )${strict}`,
    'create index verifications_of_grant on verifications ("grant")',
    "create index verifications_by_end on verifications (expires_at)",

    `create table events (
      number ${counter},
      id ${text} not null unique,
      type ${text} not null,
      at ${integer} not null,
      organisation ${text},
      transfer ${text},
      "grant" ${text},
      body ${text},
      salt ${bytes},
      leaf ${bytes} not null,
      ledger_index ${integer} unique
    )${strict}`,
    "create index events_waiting on events (number) where ledger_index is null",
    "create index events_of_transfer on events (transfer, ledger_index) where ledger_index is not null",
  ],
};
