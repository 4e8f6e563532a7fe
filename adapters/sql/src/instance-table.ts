/** The one row about the instance. */
import type { InstanceRecord, Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const ONLY_ROW = 1;
/** What a database that was just made answers. */
const UNBORN: InstanceRecord = { setupTokenHash: null, pendingSetup: null, createdAt: 0, keyLogCheckpoint: null };

export const instanceReads = (db: Kysely<Database>) =>
  ({
    async instance() {
      const found = await db
        .selectFrom("instance")
        .select([
          "setup_token_hash as setupTokenHash",
          "pending_setup as pendingSetup",
          "created_at as createdAt",
          "key_log_checkpoint as keyLogCheckpoint",
        ])
        .where("id", "=", ONLY_ROW)
        .executeTakeFirst();
      if (found === undefined) return UNBORN;
      const pendingSetup =
        found.pendingSetup === null ? null : (JSON.parse(found.pendingSetup) as InstanceRecord["pendingSetup"]);
      return { ...found, pendingSetup };
    },
  }) satisfies Partial<View>;

export const instanceWrites = (db: Kysely<Database>) =>
  ({
    async saveInstance({ pendingSetup, ...rest }) {
      const fields = { ...rest, pendingSetup: pendingSetup === null ? null : JSON.stringify(pendingSetup) };
      await db
        .insertInto("instance")
        .values({ id: ONLY_ROW, ...row(fields) })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(row(fields)))
        .execute();
    },
  }) satisfies Partial<Transaction>;
