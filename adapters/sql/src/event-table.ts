/**
 * Events and their place in the ledger. `ledger_index` is null until the sequencer gives it; indices have no gaps,
 * so the highest one also tells how many there are.
 */
import { type EventWalk, type Transaction, type View, WALKED_GRANTS_LIMIT } from "@safeconduct/exchange";
import type { OrganisationId } from "@safeconduct/foundation";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { storeProblem } from "./errors.ts";
import { row } from "./row.ts";
import type { Database, SqlDialect } from "./schema.ts";

const event = [
  "id",
  "type",
  "at",
  "organisation",
  "transfer",
  "grant",
  "member",
  "outcome",
  "body",
  "salt",
  "leaf",
] as const;

/** Key of the PostgreSQL advisory lock that one sequencer at a time holds. Any constant does that nothing else uses. */
const SEQUENCER_LOCK = 0x5afe0001;

export const eventReads = (db: Kysely<Database>) => ({
  ...({
    eventsOf: (transfer) =>
      sequenced(db).select(event).where("transfer", "=", transfer).orderBy("ledger_index").execute(),
    leavesFrom: (from, limit) =>
      sequenced(db).select(event).where("ledger_index", ">=", from).orderBy("ledger_index").limit(limit).execute(),
    walkEvents: (walk, { before, since, limit }) =>
      along(sequenced(db), walk)
        .select([...event, "number"])
        .where(({ eb, refTuple, tuple }) => eb(refTuple("at", "number"), "<", tuple(before.at, before.number)))
        .where("at", ">=", since)
        .orderBy("at", "desc")
        .orderBy("number", "desc")
        .limit(limit)
        .execute(),
    waitingEvents: (limit) =>
      db.selectFrom("events").select(event).where("ledger_index", "is", null).orderBy("number").limit(limit).execute(),
    async sequencedCount() {
      const last = await db
        .selectFrom("events")
        .select(({ fn }) => fn.max("ledger_index").as("index"))
        .executeTakeFirstOrThrow();
      return last.index === null ? 0 : last.index + 1;
    },
  } satisfies Partial<View>),
});

export const eventWrites = (db: Kysely<Database>, dialect: SqlDialect) =>
  ({
    async addEvent(record) {
      const added = await db
        .insertInto("events")
        .values(row(record))
        .onConflict((conflict) => conflict.doNothing())
        .returning("number")
        .executeTakeFirst();
      if (added === undefined) throw storeProblem("store/conflict");
      return added.number;
    },
    async eraseEvents(transfer) {
      const { numUpdatedRows } = await db
        .updateTable("events")
        .set({ body: null, salt: null, member: null, outcome: null })
        .where("transfer", "=", transfer)
        .where("salt", "is not", null)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    async sequenceEvents(limit) {
      if (dialect === "postgres") await sql`select pg_advisory_xact_lock(${sql.lit(SEQUENCER_LOCK)})`.execute(db);
      const next = await eventReads(db).sequencedCount();
      await sql`update events set ledger_index = batch.place + ${next} from
        (select number, row_number() over (order by number) - 1 as place from events
          where ledger_index is null order by number limit ${limit}) as batch
        where events.number = batch.number`.execute(db);
      return sequenced(db)
        .select([...event, "number"])
        .where("ledger_index", ">=", next)
        .orderBy("ledger_index")
        .execute();
    },
  }) satisfies Partial<Transaction>;

/**
 * Word for word the expressions and conditions of the indices, and no more than one index has: where the index by time alone would
 * do as well, SQLite takes it and reads through everything. A member belongs to one organisation, so that says enough.
 */
function along(query: Sequenced, walk: EventWalk): Sequenced {
  const of = query.where(sql<boolean>`coalesce(organisation, '') = ${walk.organisation ?? ""}`);
  switch (walk.along) {
    case "time":
      return of;
    case "refused":
      return of.where(sql<boolean>`outcome <> 'done'`);
    case "type":
      return query.where(
        sql<boolean>`(coalesce(organisation, '') || ' ' || type) = ${`${walk.organisation ?? ""} ${walk.type}`}`,
      );
    case "member":
      return query.where("member", "=", walk.member);
    case "address":
      return ofGrants(query, walk.organisation, sql`lower(address) = lower(${walk.address})`);
    case "recipient-organisation":
      return ofGrants(query, walk.organisation, sql`lower(recipient_organisation) = lower(${walk.name})`);
  }
}

const ofGrants = (query: Sequenced, organisation: OrganisationId, which: RawBuilder<unknown>): Sequenced =>
  query.where(
    sql<boolean>`"grant" in (select id from grants where organisation = ${organisation}
      and ${which} and kind = 'recipient' order by number desc limit ${WALKED_GRANTS_LIMIT})`,
  );

type Sequenced = ReturnType<typeof sequenced>;

const sequenced = (db: Kysely<Database>) =>
  db
    .selectFrom("events")
    .where("ledger_index", "is not", null)
    .select(({ ref }) => ref("ledger_index").$notNull().as("index"));
