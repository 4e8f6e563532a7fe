/**
 * The schema, as the list of steps that made it. A step that has been released never changes: a new one is added.
 * A database remembers each step with its digest, so an edited step or a newer database is refused instead of guessed at.
 */
import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { storeProblem } from "./errors.ts";
import type { ColumnTypes, Migration } from "./migration.ts";
import { firstSchema } from "./migrations/0001-first-schema.ts";
import { releaseKeys } from "./migrations/0002-release-keys.ts";
import { outbox } from "./migrations/0003-outbox.ts";
import { secondFactors } from "./migrations/0004-second-factors.ts";
import { keptBytes } from "./migrations/0005-kept-bytes.ts";
import { memberChains } from "./migrations/0006-member-chains.ts";
import { holds } from "./migrations/0007-holds.ts";
import { destructionQueues } from "./migrations/0008-destruction-queues.ts";
import { enrolledFactors } from "./migrations/0009-enrolled-factors.ts";
import { recovery } from "./migrations/0010-recovery.ts";
import { keyLog } from "./migrations/0011-key-log.ts";
import { passkeyChallenges } from "./migrations/0012-passkey-challenges.ts";
import { recipientOrganisation } from "./migrations/0013-recipient-organisation.ts";
import { memberRoles } from "./migrations/0014-member-roles.ts";
import { invitations } from "./migrations/0015-invitations.ts";
import { auditSearch } from "./migrations/0016-audit-search.ts";
import { troubledTransfers } from "./migrations/0017-troubled-transfers.ts";
import { suspendedBy } from "./migrations/0018-suspended-by.ts";
import { auditWalks } from "./migrations/0019-audit-walks.ts";
import { lockedSessions } from "./migrations/0020-locked-sessions.ts";
import { askedOfRecipients } from "./migrations/0021-asked-of-recipients.ts";
import { problemReports } from "./migrations/0022-problem-reports.ts";
import { recipientOrganisationSearch } from "./migrations/0023-recipient-organisation-search.ts";
import { memberPasskeys } from "./migrations/0024-member-passkeys.ts";
import { reportedTransfers } from "./migrations/0025-reported-transfers.ts";
import { languages } from "./migrations/0026-languages.ts";
import { deletionCodes } from "./migrations/0027-deletion-codes.ts";
import { problemsSettled } from "./migrations/0028-problems-settled.ts";
import type { Database, SqlDialect } from "./schema.ts";

export const MIGRATIONS: readonly Migration[] = [
  firstSchema,
  releaseKeys,
  outbox,
  secondFactors,
  keptBytes,
  memberChains,
  holds,
  destructionQueues,
  enrolledFactors,
  recovery,
  keyLog,
  passkeyChallenges,
  recipientOrganisation,
  memberRoles,
  invitations,
  auditSearch,
  troubledTransfers,
  suspendedBy,
  auditWalks,
  lockedSessions,
  askedOfRecipients,
  problemReports,
  recipientOrganisationSearch,
  memberPasskeys,
  reportedTransfers,
  languages,
  deletionCodes,
  problemsSettled,
];

const COLUMN_TYPES: Record<SqlDialect, ColumnTypes> = {
  sqlite: {
    text: "text",
    integer: "integer",
    bytes: "blob",
    counter: "integer primary key autoincrement",
    strict: " strict",
    jsonText: (column, path) => `json_extract(${column}, '$.${path.join(".")}')`,
  },
  postgres: {
    text: 'text collate "C"',
    integer: "bigint",
    bytes: "bytea",
    counter: "bigint generated always as identity primary key",
    strict: "",
    jsonText: (column, path) => `(${column}::jsonb #>> '{${path.join(",")}}')`,
  },
};

/** Key of the PostgreSQL advisory lock that keeps two starting servers from migrating at once. */
const MIGRATION_LOCK = 0x5afe0002;

/**
 * Brings the database of `tx`, which is a transaction, to the last step. All of it or nothing.
 * Throws Problem `store/schema-unknown` when the database has steps that this program does not have.
 */
export async function migrate(
  tx: Kysely<Database>,
  dialect: SqlDialect,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  if (dialect === "postgres") await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(tx);
  const { integer, text, strict } = COLUMN_TYPES[dialect];
  await sql
    .raw(
      `create table if not exists schema_migrations
        (number ${integer} primary key, name ${text} not null, sha256 ${text} not null)${strict}`,
    )
    .execute(tx);
  const done = await tx.selectFrom("schema_migrations").selectAll().orderBy("number").execute();
  if (done.length > migrations.length) throw storeProblem("store/schema-unknown");
  for (const [index, migration] of migrations.entries()) {
    const statements = migration.statements(COLUMN_TYPES[dialect]);
    const step = { number: migration.number, name: migration.name, sha256: digest(statements) };
    const earlier = done[index];
    if (earlier !== undefined) {
      if (earlier.number !== step.number || earlier.sha256 !== step.sha256) throw storeProblem("store/schema-unknown");
      continue;
    }
    for (const statement of statements) await sql.raw(statement).execute(tx);
    await tx.insertInto("schema_migrations").values(step).execute();
  }
}

const digest = (statements: readonly string[]): string =>
  createHash("sha256").update(statements.join(";\n")).digest("hex");
