/** The outbox: jobs that wait for their time, and those that somebody holds. */
import type { Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const job = [
  "id",
  "kind",
  "key",
  "payload",
  "created_at as createdAt",
  "due_at as dueAt",
  "expires_at as expiresAt",
  "attempts",
  "owner",
] as const;

export const jobReads = (db: Kysely<Database>) =>
  ({
    findJob: async (id) => (await db.selectFrom("jobs").select(job).where("id", "=", id).executeTakeFirst()) ?? null,
    jobsDue: (now, limit) =>
      db
        .selectFrom("jobs")
        .select(job)
        .where("due_at", "<=", now)
        .orderBy("due_at")
        .orderBy("number")
        .limit(limit)
        .execute(),
  }) satisfies Partial<View>;

export const jobWrites = (db: Kysely<Database>) =>
  ({
    async saveJob(record) {
      await db
        .insertInto("jobs")
        .values(row(record))
        .onConflict((conflict) => conflict.column("key").doUpdateSet(row(record)))
        .execute();
    },
    async updateJob(id, change) {
      await db.updateTable("jobs").set(row(change)).where("id", "=", id).execute();
    },
    async deleteJob(id) {
      await db.deleteFrom("jobs").where("id", "=", id).execute();
    },
    async freeJobs(owner, now) {
      await db
        .updateTable("jobs")
        .set(row({ owner: null, dueAt: now }))
        .where("owner", "=", owner)
        .execute();
    },
  }) satisfies Partial<Transaction>;
