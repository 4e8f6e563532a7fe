/** What recipients' addresses have enrolled, found by the keyed digest of the address. */
import type { Transaction, View } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import type { Kysely } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const factor = [
  "id",
  "organisation",
  "address_digest as addressDigest",
  "kind",
  "session",
  "credential",
  "counter",
  "failures",
  "locked_until as lockedUntil",
  "created_at as createdAt",
  "confirmed_at as confirmedAt",
] as const;

export const factorReads = (db: Kysely<Database>) =>
  ({
    findFactors: (organisation, addressDigest) =>
      db
        .selectFrom("factors")
        .select(factor)
        .where("organisation", "=", organisation)
        .where("address_digest", "=", copyBytes(addressDigest))
        .orderBy("number")
        .execute(),
  }) satisfies Partial<View>;

export const factorWrites = (db: Kysely<Database>) =>
  ({
    async addFactor(record) {
      refuseConflict(
        await db
          .insertInto("factors")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateFactor(id, change) {
      const { numUpdatedRows } = await db
        .updateTable("factors")
        .set(row(change))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no factor to update");
    },
    async deleteFactor(id) {
      await db.deleteFrom("factors").where("id", "=", id).execute();
    },
  }) satisfies Partial<Transaction>;
