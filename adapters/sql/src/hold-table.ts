/** Holds on transfers. */
import type { Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const hold = [
  "id",
  "organisation",
  "transfer",
  "reason",
  "member",
  "placed_at as placedAt",
  "told_at as toldAt",
  "lifted_at as liftedAt",
] as const;

export const holdReads = (db: Kysely<Database>) =>
  ({
    holdsOf: (transfer) =>
      db.selectFrom("holds").select(hold).where("transfer", "=", transfer).orderBy("number").execute(),
    holdsToTell: (limit) =>
      db
        .selectFrom("holds")
        .select(hold)
        .where("lifted_at", "is", null)
        .where("told_at", "is", null)
        .orderBy("number")
        .limit(limit)
        .execute(),
  }) satisfies Partial<View>;

export const holdWrites = (db: Kysely<Database>) =>
  ({
    async addHold(record) {
      refuseConflict(
        await db
          .insertInto("holds")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateHold(id, change) {
      if (Object.keys(change).length === 0) return;
      const { numUpdatedRows } = await db.updateTable("holds").set(row(change)).where("id", "=", id).executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no hold to update");
    },
  }) satisfies Partial<Transaction>;
