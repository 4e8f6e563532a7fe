/** What use cases ask of the outbox, and what the outbox asks of each kind of job. */
import type { Entry } from "../ledger/entry.ts";
import type { JobRecord } from "../records.ts";
import type { Transaction } from "../store.ts";

/** Work that leaves the instance; so far mails. */
export interface OutboxDoor {
  /** Something is due. Never rejects, and may resolve before anything was delivered: the caller's own work is done. */
  nudge(): Promise<void>;
}

/** How jobs of one kind are delivered. May happen more than once for one job: after a crash, or when a lease ran out. */
export interface Deliverer {
  /** Resolves when it is delivered, or when nobody wants it any more. Rejects to be asked again later. */
  deliver(job: JobRecord, now: number): Promise<void>;
  /** The job is dropped: says so in the state and in entries, where somebody still cares. */
  giveUp(tx: Transaction, job: JobRecord, now: number): Promise<readonly Entry[]>;
}
