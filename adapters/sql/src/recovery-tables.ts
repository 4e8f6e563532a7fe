/** The organisation's recovery key, newest last, and requests to bring a transfer back. */
import type { Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const recovery = [
  "id",
  "organisation",
  "transfer",
  "member",
  "device",
  "signature",
  "created_at as createdAt",
  "approved_by as approvedBy",
  "approved_at as approvedAt",
  "released_key_hash as releasedKeyHash",
] as const;

export const recoveryReads = (db: Kysely<Database>) =>
  ({
    recoveryKeyOf: async (organisation) =>
      (await db
        .selectFrom("recovery_keys")
        .select(["organisation", "generation", "device", "statement", "signature", "created_at as createdAt"])
        .where("organisation", "=", organisation)
        .orderBy("generation", "desc")
        .limit(1)
        .executeTakeFirst()) ?? null,
    findRecovery: async (id) =>
      (await db.selectFrom("recoveries").select(recovery).where("id", "=", id).executeTakeFirst()) ?? null,
    recoveriesOf: (organisation) =>
      db.selectFrom("recoveries").select(recovery).where("organisation", "=", organisation).orderBy("number").execute(),
  }) satisfies Partial<View>;

export const recoveryWrites = (db: Kysely<Database>) =>
  ({
    async addRecoveryKey(record) {
      refuseConflict(
        await db
          .insertInto("recovery_keys")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async addRecovery(record) {
      refuseConflict(
        await db
          .insertInto("recoveries")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateRecovery(id, change) {
      await db.updateTable("recoveries").set(row(change)).where("id", "=", id).execute();
    },
    async forgetRecoveries(before) {
      await db.deleteFrom("recoveries").where("created_at", "<", before).execute();
    },
  }) satisfies Partial<Transaction>;
