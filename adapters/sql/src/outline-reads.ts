/** What searches look at: a few columns of many transfers and of their recipients, never keys or slots. */
import type { View } from "@safeconduct/exchange";
import type { MemberId, OrganisationId, TransferId } from "@safeconduct/foundation";
import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import type { Database } from "./schema.ts";

/** Word for word the condition of the partial index `grants_troubled` (migration 28): a planner uses such an index only for the same literals. */
const TROUBLED = sql<boolean>`kind = 'recipient' and state in ('pending', 'confirmed', 'used')
  and (suspended_at is not null or code_undelivered_at is not null or factor_failures >= 10
    or (problem_kind is not null and problem_settled_at is null))`;

export const outlineReads = (db: Kysely<Database>) =>
  ({
    async transferOutlines(organisation, { limit, after, before, member, troubled }) {
      let page = db
        .selectFrom("transfers")
        .select(["id", "member", "state", "created_at as createdAt"])
        .where("organisation", "=", organisation)
        .$if(member !== undefined, (query) => query.where("member", "=", member as MemberId))
        .orderBy("created_at", "desc")
        .orderBy("number", "desc")
        .limit(limit);
      if (before !== null) page = page.where("created_at", "<", before);
      if (troubled) page = page.where(isTroubled(organisation));
      if (after !== null) {
        const last = await db
          .selectFrom("transfers")
          .select(["created_at", "number"])
          .where("id", "=", after)
          .where("organisation", "=", organisation)
          .$if(member !== undefined, (query) => query.where("member", "=", member as MemberId))
          .executeTakeFirst();
        if (last === undefined) return [];
        page = page.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "number"), "<", tuple(last.created_at, last.number)),
        );
      }
      return page.execute();
    },
    async recipientOutlines(transfers) {
      if (transfers.length === 0) return [];
      return db
        .selectFrom("grants")
        .select(["transfer", "address", "name", "recipient_organisation as recipientOrganisation", "state"])
        .where("transfer", "in", filledUp(transfers))
        .where("kind", "=", "recipient")
        .execute();
    },
    async troubledCount(organisation, { limit, member }) {
      const found = await db
        .selectFrom("transfers")
        .select("id")
        .where("organisation", "=", organisation)
        .$if(member !== undefined, (query) => query.where("member", "=", member as MemberId))
        .where(isTroubled(organisation))
        .limit(limit)
        .execute();
      return found.length;
    },
  }) satisfies Partial<View>;

const isTroubled =
  (organisation: OrganisationId) =>
  ({ eb, selectFrom }: ExpressionBuilder<Database, "transfers">) =>
    eb(
      "id",
      "in",
      selectFrom("grants")
        .select("transfer")
        .where("organisation", "=", organisation)
        .where(TROUBLED)
        .union(
          selectFrom("holds")
            .select("transfer")
            .where("organisation", "=", organisation)
            .where("lifted_at", "is", null),
        ),
    );

/** To the next power of two, by repeating the last: few statements are prepared, whatever the page's length. */
function filledUp(ids: readonly TransferId[]): readonly TransferId[] {
  const length = 2 ** Math.ceil(Math.log2(ids.length));
  return Array.from({ length }, (_, index) => ids[Math.min(index, ids.length - 1)] as TransferId);
}
