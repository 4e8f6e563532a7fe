/**
 * The outbox: what goes outside is a row that committed with its decision. It is let go only after its entry is durable, and
 * delivered at least once by whoever holds its lease; failures are tried again ever later, and in the end given up with an
 * entry. One bad job, or eight that hang, keep nobody else waiting for longer than a delivery may take.
 */
import type { Clock, Random } from "@safeconduct/foundation";
import type { Perform } from "../ledger/performer.ts";
import type { JobRecord } from "../records.ts";
import type { Store } from "../store.ts";
import type { Deliverer, OutboxDoor } from "./ports.ts";
import { retryDelayMs } from "./retry.ts";

/** Longer than any delivery may take, so that nobody else begins one that still runs. */
export const LEASE_MS = 2 * 60_000;
/** Deliveries at the same time. */
export const CONCURRENT_LIMIT = 8;
/** A job that failed this often is given up, however long it may live. */
export const ATTEMPT_LIMIT = 20;

export interface OutboxPorts {
  readonly store: Store;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly random: Random;
  /** Names this instance among those that share a database, the same after a restart. */
  readonly owner: string;
  readonly deliverers: Readonly<Record<JobRecord["kind"], Deliverer>>;
  /** Hears of every delivery that failed. */
  readonly onFailure: (error: unknown) => void;
  /** Hears of every job that was dropped undelivered while somebody still waited for it. */
  readonly onGivenUp: (kind: JobRecord["kind"]) => void;
}

export class Outbox implements OutboxDoor {
  private readonly ports: OutboxPorts;
  private readonly running = new Set<Promise<unknown>>();
  /** The newest look for what is due: one after another, so that each knows what the one before has begun. */
  private looking: Promise<unknown> = Promise.resolve();

  constructor(ports: OutboxPorts) {
    this.ports = ports;
  }

  /** After a start: what this instance held when it died is free at once. Nobody else may use its name. */
  async resume(): Promise<void> {
    const { store, clock, owner } = this.ports;
    await store.transaction((tx) => tx.freeJobs(owner, clock.now()));
  }

  /** Delivers what is due now and waits for it, also for what another look began. Rejects if the database cannot be asked. */
  async deliverDue(): Promise<void> {
    let mayLeaveSome: boolean;
    do {
      const begun = await this.begin();
      mayLeaveSome = begun > 0 || this.running.size >= CONCURRENT_LIMIT;
      await this.idle();
    } while (mayLeaveSome);
  }

  /** Begins what is due and has a place. Answers how many; rejects if the database cannot be asked. */
  begin(): Promise<number> {
    const begun = this.looking.then(() => this.look());
    this.looking = begun.catch(() => undefined);
    return begun;
  }

  private async look(): Promise<number> {
    const room = CONCURRENT_LIMIT - this.running.size;
    if (room <= 0) return 0;
    const jobs = await this.claim(room);
    if (jobs.length === 0) return 0;
    // One wait for the ledger for all of them: what they tell of must be in the tree before anybody hears it.
    const settled = this.ports.perform(async () => ({ entries: [], value: undefined }));
    for (const job of jobs) {
      const run = this.attempt(job, settled).finally(() => this.running.delete(run));
      this.running.add(run);
    }
    return jobs.length;
  }

  async nudge(): Promise<void> {
    await this.deliverDue().catch(this.ports.onFailure);
  }

  /** Resolves when what was begun is over. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  /** The lease stands in `dueAt`: whoever comes before its end does not find the job. */
  private async claim(limit: number): Promise<readonly JobRecord[]> {
    const { store, clock, owner } = this.ports;
    const waiting = await store.read((view) => view.jobsDue(clock.now(), 1));
    if (waiting.length === 0) return [];
    return store.transaction(async (tx) => {
      const now = clock.now();
      const jobs = await tx.jobsDue(now, limit);
      const lease = { owner, dueAt: now + LEASE_MS };
      for (const { id, attempts } of jobs) await tx.updateJob(id, { ...lease, attempts: attempts + 1 });
      return jobs.map((job) => ({ ...job, ...lease, attempts: job.attempts + 1 }));
    });
  }

  private async attempt(job: JobRecord, settled: Promise<void>): Promise<void> {
    const { clock, deliverers, onFailure } = this.ports;
    try {
      await settled;
      const now = clock.now();
      if (now >= job.expiresAt || job.attempts > ATTEMPT_LIMIT) return await this.giveUp(job);
      await deliverers[job.kind].deliver(job, now);
    } catch (error) {
      onFailure(error);
      // If this fails as well, the lease runs out by itself.
      return this.postpone(job).catch(onFailure);
    }
    // What was delivered and cannot be crossed out comes again after the lease: at least once is the promise.
    return this.finish(job).catch(onFailure);
  }

  private finish(job: JobRecord): Promise<void> {
    return this.ports.store.transaction(async (tx) => {
      if (isHeld(await tx.findJob(job.id), job)) await tx.deleteJob(job.id);
    });
  }

  private postpone(job: JobRecord): Promise<void> {
    const { store, clock, random } = this.ports;
    const delayMs = retryDelayMs(job.attempts, random);
    return store.transaction(async (tx) => {
      if (!isHeld(await tx.findJob(job.id), job)) return;
      const now = clock.now();
      // Not later than its end, so that its end is told in time.
      const dueAt = now < job.expiresAt ? Math.min(now + delayMs, job.expiresAt) : now + delayMs;
      await tx.updateJob(job.id, { owner: null, dueAt });
    });
  }

  private async giveUp(job: JobRecord): Promise<void> {
    const wasWanted = await this.ports.perform(async (tx, now) => {
      if (!isHeld(await tx.findJob(job.id), job)) return { entries: [], value: false };
      await tx.deleteJob(job.id);
      const entries = await this.ports.deliverers[job.kind].giveUp(tx, job, now);
      return { entries, value: entries.length > 0 };
    });
    if (wasWanted) this.ports.onGivenUp(job.kind);
  }
}

/** Whether nobody has taken, replaced or finished it in the meantime. */
function isHeld(current: JobRecord | null, { owner, dueAt }: JobRecord): boolean {
  return current !== null && current.owner === owner && current.dueAt === dueAt;
}
