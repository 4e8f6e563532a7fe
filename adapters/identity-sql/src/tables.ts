/**
 * Tables of the accounts, in words that SQLite and PostgreSQL both understand: text and integers only, binary values in
 * base64url. The formats of `password_hash` and `totp_secret` are in docs/formats/identity.md.
 * Forward only: a migration that was released is never edited.
 */
import type { ColumnType, Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

export interface IdentityTables {
  identity_account: AccountTable;
  identity_decoy: DecoyTable;
}

/** PostgreSQL's driver answers 64-bit integers as text. */
type Milliseconds = ColumnType<number | string, number, number>;

interface AccountTable {
  member: string;
  /** Keyed, so that a copied database names nobody: see `addressDigest`. */
  address_digest: string;
  password_hash: string;
  totp_secret: string;
  /** Number of the last accepted time step, or -1. */
  totp_last_step: number;
  /** Attempts since the last success, the one in progress included. */
  failures: number;
  wait_until: Milliseconds;
  /** Null until the authenticator is confirmed. */
  confirmed_at: ColumnType<number | string | null, number | null, number | null>;
}

/** One row that is written where an attempt has no account to be counted on, so that both take a durable write. */
interface DecoyTable {
  id: number;
  touched_at: Milliseconds;
}

export const DECOY_ROW = 1;

const identityMigrations: Readonly<Record<string, Migration>> = {
  "0001-accounts": {
    async up(db: Kysely<IdentityTables>) {
      await db.schema
        .createTable("identity_account")
        .addColumn("member", "text", (column) => column.primaryKey())
        .addColumn("address_digest", "text", (column) => column.notNull().unique())
        .addColumn("password_hash", "text", (column) => column.notNull())
        .addColumn("totp_secret", "text", (column) => column.notNull())
        .addColumn("totp_last_step", "integer", (column) => column.notNull())
        .addColumn("failures", "integer", (column) => column.notNull())
        .addColumn("wait_until", "bigint", (column) => column.notNull())
        .addColumn("confirmed_at", "bigint")
        .execute();
      await db.schema
        .createTable("identity_decoy")
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("touched_at", "bigint", (column) => column.notNull())
        .execute();
      await db.insertInto("identity_decoy").values({ id: DECOY_ROW, touched_at: 0 }).execute();
    },
  },
};

/** Our tables in a database that has others too. */
export function identityTables<Tables>(db: Kysely<Tables>): Kysely<IdentityTables> {
  // Kysely's own `withTables` gives an intersection that no longer infers for an unknown `Tables`.
  return db as unknown as Kysely<IdentityTables>;
}

/** Brings the tables to the newest form. Several processes may call it at once. Throws when a migration fails. */
export async function migrateIdentity<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: identityTables(db),
    provider: { getMigrations: async () => ({ ...identityMigrations }) },
    migrationTableName: "identity_migration",
    migrationLockTableName: "identity_migration_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error("the tables of the accounts could not be made", { cause: error });
}
