/** Transfers and the parts of their blobs. */
import type { Transaction, View } from "@safeconduct/exchange";
import type { MemberId, TransferId } from "@safeconduct/foundation";
import { type Kysely, sql } from "kysely";
import { refuseConflict } from "./insertion.ts";
import { row } from "./row.ts";
import type { Database } from "./schema.ts";

const transfer = [
  "id",
  "organisation",
  "member",
  "device",
  "purpose",
  "profile",
  "handling",
  "state",
  "blob_length_bytes as blobLengthBytes",
  "part_count as partCount",
  "subject_salt as subjectSalt",
  "seal_record as sealRecord",
  "seal_signature as sealSignature",
  "created_at as createdAt",
  "sealed_at as sealedAt",
  "ended_at as endedAt",
  "destroy_due_at as destroyDueAt",
  "destroyed_at as destroyedAt",
] as const;
const part = ["number", "size_bytes as sizeBytes", "sha256"] as const;

/** Word for word the conditions of the partial indices: a planner uses such an index only for the same literals. */
const TO_DESTROY = {
  order: sql<boolean>`destroyed_at is null
    and (state = 'revoked'
      or (state = 'abandoned' and coalesce(ended_at, created_at) - created_at <= 86400000))`,
  time: sql<boolean>`destroyed_at is null
    and (state not in ('revoked', 'abandoned')
      or (state = 'abandoned' and coalesce(ended_at, created_at) - created_at > 86400000))`,
};

export const transferReads = (db: Kysely<Database>) =>
  ({
    findTransfer: async (id) =>
      (await db.selectFrom("transfers").select(transfer).where("id", "=", id).executeTakeFirst()) ?? null,
    async transfersOf(organisation, { limit, after, member }) {
      const newestFirst = db
        .selectFrom("transfers")
        .select(transfer)
        .where("organisation", "=", organisation)
        .$if(member !== undefined, (query) => query.where("member", "=", member as MemberId))
        .orderBy("created_at", "desc")
        .orderBy("number", "desc")
        .limit(limit);
      if (after === null) return newestFirst.execute();
      const last = await db
        .selectFrom("transfers")
        .select(["created_at", "number"])
        .where("id", "=", after)
        .where("organisation", "=", organisation)
        .$if(member !== undefined, (query) => query.where("member", "=", member as MemberId))
        .executeTakeFirst();
      // An unknown or foreign `after` has nothing behind it, and says nothing about whether it exists.
      if (last === undefined) return [];
      return newestFirst
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "number"), "<", tuple(last.created_at, last.number)),
        )
        .execute();
    },
    transfersAfter: (after, limit) =>
      db
        .selectFrom("transfers")
        .select(transfer)
        .where("id", ">", after ?? ("" as TransferId))
        .orderBy("id")
        .limit(limit)
        .execute(),
    partsOf: (of) => db.selectFrom("parts").select(part).where("transfer", "=", of).orderBy("number").execute(),
    async heldTotals(of, besides) {
      const { count, bytes } = await db
        .selectFrom("parts")
        .select(({ fn }) => [
          fn.countAll<number | string>().as("count"),
          fn.sum<number | string | null>("size_bytes").as("bytes"),
        ])
        .where("transfer", "=", of)
        .$if(besides !== null, (query) => query.where("number", "<>", besides ?? 0))
        .executeTakeFirstOrThrow();
      // As in `keptBytes`: PostgreSQL's driver hands large numbers over as text.
      return { count: Number(count), sizeBytes: Number(bytes ?? 0) };
    },
    async keptBytes(organisation) {
      const { bytes } = await db
        .selectFrom("transfers")
        .select(({ fn }) => fn.sum<number | string | null>("blob_length_bytes").as("bytes"))
        .where("organisation", "=", organisation)
        .where("destroyed_at", "is", null)
        .executeTakeFirstOrThrow();
      // PostgreSQL sums into a numeric, which its driver hands over as text.
      return Number(bytes ?? 0);
    },
    transfersToDestroy: (now, limit, cause) =>
      db
        .selectFrom("transfers")
        .select(transfer)
        .where(TO_DESTROY[cause])
        .where("destroy_due_at", "<=", now)
        .where(({ not, exists, selectFrom, lit }) =>
          not(
            exists(
              selectFrom("holds")
                .select(lit(1).as("one"))
                .whereRef("holds.transfer", "=", "transfers.id")
                .where("holds.lifted_at", "is", null),
            ),
          ),
        )
        .orderBy("destroy_due_at")
        .orderBy("number")
        .limit(limit)
        .execute(),
    draftsOlderThan: (before, limit) =>
      db
        .selectFrom("transfers")
        .select(transfer)
        // A literal, or the planner could not see that the partial index holds all drafts.
        .where("state", "=", sql.lit("draft"))
        .where("created_at", "<", before)
        .orderBy("created_at")
        .orderBy("number")
        .limit(limit)
        .execute(),
  }) satisfies Partial<View>;

export const transferWrites = (db: Kysely<Database>) =>
  ({
    async addTransfer(record) {
      refuseConflict(
        await db
          .insertInto("transfers")
          .values(row(record))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst(),
      );
    },
    async updateTransfer(id, change) {
      if (Object.keys(change).length === 0) return;
      const { numUpdatedRows } = await db
        .updateTable("transfers")
        .set(row(change))
        .where("id", "=", id)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error("no transfer to update");
    },
    async savePart(of, { number, ...rest }) {
      await db
        .insertInto("parts")
        .values({ transfer: of, ...row({ number, ...rest }) })
        .onConflict((conflict) => conflict.columns(["transfer", "number"]).doUpdateSet(row(rest)))
        .execute();
    },
    async deleteParts(of) {
      await db.deleteFrom("parts").where("transfer", "=", of).execute();
    },
  }) satisfies Partial<Transaction>;
