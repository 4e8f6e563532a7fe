/**
 * The tables, as types that follow from the records: a record's `createdAt` is the column `created_at`.
 * Ids come from the database as already parsed, because only parsed ids are ever written.
 */
import type {
  CodeRecord,
  DeviceRecord,
  DeviceRequestRecord,
  EventRecord,
  FactorRecord,
  GrantRecord,
  HoldRecord,
  InstanceRecord,
  InvitationRecord,
  JobRecord,
  MemberKeyWrapRecord,
  MemberPasskeyRecord,
  MemberRecord,
  OrganisationRecord,
  PasskeyChallengeRecord,
  RecoveryKeyRecord,
  RecoveryRecord,
  ReleaseKeyRecord,
  SessionRecord,
  StatementRecord,
  StoredPart,
  TokenRecord,
  TransferRecord,
  VerificationRecord,
} from "@safeconduct/exchange";
import type { TransferId } from "@safeconduct/foundation";
import type { Generated } from "kysely";

/** `created_at` of `createdAt`. Digits stay where they are: `sha256`. */
type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : "";

/** The row of a record: the same values under column names. */
export type Row<Fields> = { [Name in keyof Fields & string as SnakeCase<Name>]: Fields[Name] };

/** Rows carry the order in which they were added; ids are random and times can tie. */
type Ordered<Fields> = Row<Fields> & { readonly number: Generated<number> };

export interface Database {
  /** At most one row, whose `id` is 1. */
  instance: Row<Omit<InstanceRecord, "pendingSetup">> & { readonly id: number; readonly pending_setup: string | null };
  organisations: Ordered<OrganisationRecord>;
  /** Roles one after another, a space between them. */
  members: Ordered<Omit<MemberRecord, "roles">> & { readonly roles: string };
  sessions: Ordered<SessionRecord>;
  member_passkeys: Ordered<MemberPasskeyRecord>;
  passkey_challenges: Row<PasskeyChallengeRecord>;
  tokens: Ordered<TokenRecord>;
  devices: Ordered<DeviceRecord>;
  member_statements: Row<StatementRecord>;
  member_key_wraps: Row<MemberKeyWrapRecord>;
  device_requests: Ordered<DeviceRequestRecord>;
  recovery_keys: Row<RecoveryKeyRecord>;
  recoveries: Ordered<RecoveryRecord>;
  invitations: Ordered<Omit<InvitationRecord, "roles">> & { readonly roles: string };
  transfers: Ordered<TransferRecord>;
  parts: Row<StoredPart> & { readonly transfer: TransferId };
  grants: Ordered<GrantRecord>;
  release_keys: Row<ReleaseKeyRecord>;
  holds: Ordered<HoldRecord>;
  codes: Row<CodeRecord>;
  verifications: Ordered<VerificationRecord>;
  factors: Ordered<FactorRecord>;
  jobs: Ordered<JobRecord>;
  events: Ordered<EventRecord> & { readonly ledger_index: number | null };
  schema_migrations: { readonly number: number; readonly name: string; readonly sha256: string };
}

export type SqlDialect = "sqlite" | "postgres";
