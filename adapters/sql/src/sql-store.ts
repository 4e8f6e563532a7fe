/** The `Store` port over either database. What differs between the two is how a transaction is run, and comes in. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Store, Transaction, View } from "@safeconduct/exchange";
import type { Kysely } from "kysely";
import { deviceReads, deviceWrites } from "./device-tables.ts";
import { eventReads, eventWrites } from "./event-table.ts";
import { factorReads, factorWrites } from "./factor-table.ts";
import { grantReads, grantWrites } from "./grant-tables.ts";
import { holdReads, holdWrites } from "./hold-table.ts";
import { instanceReads, instanceWrites } from "./instance-table.ts";
import { jobReads, jobWrites } from "./job-table.ts";
import { invitationReads, invitationWrites } from "./invitation-table.ts";
import { memberReads, memberWrites } from "./member-tables.ts";
import { outlineReads } from "./outline-reads.ts";
import { passkeyReads, passkeyWrites } from "./passkey-tables.ts";
import { recoveryReads, recoveryWrites } from "./recovery-tables.ts";
import type { Database, SqlDialect } from "./schema.ts";
import { transferReads, transferWrites } from "./transfer-tables.ts";

/** How one database runs work. `db` is that one transaction and is not used after `work` has settled. */
export interface TransactionRunner {
  readonly dialect: SqlDialect;
  /** Serialisable and durable; may run `work` again. */
  write<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** One snapshot, read only. */
  read<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>;
  /** As `Store.scrub` says. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

/** A transaction inside a transaction would wait for itself for ever; here it throws an ordinary error instead. */
export function sqlStore(runner: TransactionRunner): Store {
  const inside = new AsyncLocalStorage<true>();
  const alone = <T>(run: () => Promise<T>): Promise<T> => {
    if (inside.getStore()) return Promise.reject(new Error("the store is used inside one of its own transactions"));
    return inside.run(true, run);
  };
  return {
    transaction: (work) => alone(() => runner.write((db) => work(transactionOn(db, runner.dialect)))),
    read: (work) => alone(() => runner.read((db) => work(viewOn(db)))),
    scrub: () => alone(() => runner.scrub()),
    close: () => runner.close(),
  };
}

const viewOn = (db: Kysely<Database>): View => ({
  ...instanceReads(db),
  ...memberReads(db),
  ...passkeyReads(db),
  ...invitationReads(db),
  ...deviceReads(db),
  ...recoveryReads(db),
  ...transferReads(db),
  ...outlineReads(db),
  ...grantReads(db),
  ...holdReads(db),
  ...factorReads(db),
  ...jobReads(db),
  ...eventReads(db),
});

const transactionOn = (db: Kysely<Database>, dialect: SqlDialect): Transaction => ({
  ...viewOn(db),
  ...instanceWrites(db),
  ...memberWrites(db),
  ...passkeyWrites(db),
  ...invitationWrites(db),
  ...deviceWrites(db),
  ...recoveryWrites(db),
  ...transferWrites(db),
  ...grantWrites(db),
  ...holdWrites(db),
  ...factorWrites(db),
  ...jobWrites(db),
  ...eventWrites(db, dialect),
});
