/**
 * The one writer of the ring. Changes and destructions wait in one queue, so that a suspension and a release have an
 * order; what arrived while the last write ran is written together, with one fsync. Nothing is answered, a refusal
 * included, before the state it rests on is durable.
 */
import { type Bytes, MalformedBinary, type Sha256 } from "@safeconduct/foundation";
import { keysProblem } from "./errors.ts";
import { applyJournalRecord, decodeJournalRecord, encodeJournalRecord, type JournalRecord } from "./journal.ts";
import { JOURNAL_FOLD_RECORDS } from "./limits.ts";
import { leafOfRecord } from "./log-leaf.ts";
import { Ring, RingDraft } from "./ring.ts";
import { decodeRing, encodeRing } from "./ring-encoding.ts";
import { DamagedStore, type RingStore, StoreFailure } from "./ring-store.ts";

/**
 * Decides on the draft it is given; what it decides goes into the journal. Throws a Problem to refuse.
 * A `deferred` record counts at once and becomes durable with the next one that is not: nothing rests on it until then.
 * `flush`: what is deferred becomes durable with this one, whether it has a record or not.
 */
export type Change<Answer> = (
  draft: RingDraft,
) => Promise<{ record: JournalRecord | null; answer: Answer; deferred?: boolean; flush?: boolean }>;

/** Puts what it decides into the draft, which becomes the ring of `generation`; it refuses before it puts anything. */
export type Destruction<Answer> = (
  draft: RingDraft,
  generation: number,
) => Promise<{ changed: boolean; answer: Answer }>;

interface Outcome {
  readonly record: JournalRecord | null;
  readonly destroyed: boolean;
  readonly deferred: boolean;
  readonly flush: boolean;
  /** Answers the caller. */
  readonly settle: () => void;
}

interface Job {
  readonly kind: "change" | "destruction";
  readonly decide: (draft: RingDraft, generation: number) => Promise<Outcome>;
  readonly refuse: (reason: unknown) => void;
}

/** What is to be written along with a batch, whatever it holds, if anything. It is asked after the batch's own decisions. */
export type Companion = (draft: RingDraft) => JournalRecord | null;

interface WriterPorts {
  readonly store: RingStore;
  readonly crypto: { readonly sha256: Sha256 };
  readonly onStoreLost: () => void;
}

/** Changes that share one fsync. */
const BATCH_LIMIT = 256;

export class RingWriter {
  readonly ring: Ring;
  private readonly store: RingStore;
  private readonly sha256: Sha256;
  private readonly onStoreLost: () => void;
  private generation: number;
  private journalRecords: number;
  private readonly waiting: Job[] = [];
  private running: Promise<void> | null = null;
  private lost = false;
  /** The deferred record of an earlier batch; only the last one counts, for each tells all that the one before told. */
  private unwritten: JournalRecord | null = null;
  /** The clock's record, once the service has one. */
  companion: Companion = () => null;
  /** How many leaves are durable in the key service's own log; a new ring leaves out all of them but the last. */
  loggedSize: () => number = () => 0;

  private constructor(
    { store, crypto, onStoreLost }: WriterPorts,
    opened: { ring: Ring; generation: number; journalRecords: number },
  ) {
    this.store = store;
    this.sha256 = crypto.sha256;
    this.onStoreLost = onStoreLost;
    this.ring = opened.ring;
    this.generation = opened.generation;
    this.journalRecords = opened.journalRecords;
  }

  /** Opens the store. `onStoreLost` is called once if it has to be opened anew. Throws {@link DamagedStore}. */
  static async open(ports: WriterPorts): Promise<RingWriter> {
    const { ring: encoded, generation, journal } = await ports.store.open();
    const ring = replay(ports.crypto.sha256, encoded, journal);
    // So that the first destruction does not wait for the encoding of every tombstone; the start does.
    encodeRing(ring).fill(0);
    return new RingWriter(ports, { ring, generation, journalRecords: journal.length });
  }

  change<Answer>(change: Change<Answer>): Promise<Answer> {
    return this.enqueue("change", async (draft) => {
      const { record, answer, deferred = false, flush = false } = await change(draft);
      return { record, destroyed: false, deferred, flush, answer };
    });
  }

  destroy<Answer>(destruction: Destruction<Answer>): Promise<Answer> {
    return this.enqueue("destruction", async (draft, generation) => {
      const { changed, answer } = await destruction(draft, generation);
      return { record: null, destroyed: changed, deferred: false, flush: false, answer };
    });
  }

  /** Makes durable what was deferred. */
  settle(): Promise<void> {
    return this.change(async () => ({ record: null, answer: undefined, flush: true }));
  }

  /** Resolves when everything asked so far is answered. */
  async idle(): Promise<void> {
    await this.running;
  }

  private enqueue<Answer>(
    kind: Job["kind"],
    decide: (draft: RingDraft, generation: number) => Promise<Omit<Outcome, "settle"> & { answer: Answer }>,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.waiting.push({
        kind,
        decide: async (draft, generation) => {
          try {
            const { answer, ...outcome } = await decide(draft, generation);
            return { ...outcome, settle: () => resolve(answer) };
          } catch (error) {
            return { record: null, destroyed: false, deferred: false, flush: false, settle: () => reject(error) };
          }
        },
        refuse: reject,
      });
      this.running ??= this.run();
    });
  }

  private async run(): Promise<void> {
    for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) await this.runBatch(batch);
    // In the same turn as the last look at the queue, or what came in between would wait for ever.
    this.running = null;
  }

  /** Everything that waits and is of the kind of the first: one fsync, or one new ring, for all of it. */
  private takeBatch(): readonly Job[] {
    const kind = this.waiting[0]?.kind;
    const batch = this.waiting.filter((job) => job.kind === kind).slice(0, BATCH_LIMIT);
    const taken = new Set(batch);
    const rest = this.waiting.filter((job) => !taken.has(job));
    this.waiting.splice(0, this.waiting.length, ...rest);
    return batch;
  }

  private async runBatch(batch: readonly Job[]): Promise<void> {
    try {
      if (this.lost) throw new StoreFailure(true, null);
      const draft = new RingDraft(this.ring);
      const outcomes: Outcome[] = [];
      for (const job of batch) {
        const outcome = await job.decide(draft, this.generation + 1);
        if (outcome.record !== null) carryOut(this.sha256, draft, outcome.record);
        outcomes.push(outcome);
      }
      const companion = this.companion(draft);
      if (companion !== null) carryOut(this.sha256, draft, companion);
      await this.write(draft, outcomes, companion);
      draft.commit();
      for (const { settle } of outcomes) settle();
    } catch (error) {
      this.fail(error);
      const reason = error instanceof StoreFailure ? keysProblem("keys/unavailable") : error;
      for (const job of batch) job.refuse(reason);
    }
  }

  private async write(draft: RingDraft, outcomes: readonly Outcome[], companion: JournalRecord | null): Promise<void> {
    const fresh = [...outcomes.map(({ record }) => record), companion].filter((record) => record !== null);
    const { unwritten } = this;
    const records = unwritten === null ? fresh : [unwritten, ...fresh];
    const destroyed = outcomes.some((outcome) => outcome.destroyed);
    const pressing =
      destroyed ||
      companion !== null ||
      outcomes.some(({ record, deferred, flush }) => flush || (record !== null && !deferred));
    if (!pressing) {
      this.unwritten = records.at(-1) ?? null;
      return;
    }
    if (destroyed || this.journalRecords + records.length > JOURNAL_FOLD_RECORDS) {
      await this.rewrite(draft);
    } else if (records.length > 0) {
      await this.store.appendJournal(records.map(encodeJournalRecord));
      this.journalRecords += records.length;
    }
    this.unwritten = null;
  }

  private async rewrite(draft: RingDraft): Promise<void> {
    draft.trimLog(this.loggedSize() - 1);
    const encoded = encodeRing(draft.merged());
    await this.store.replaceRing(encoded);
    encoded.fill(0);
    this.generation += 1;
    this.journalRecords = 0;
  }

  /** A failed write that was taken back leaves the old state standing; after anything else nobody knows. */
  private fail(error: unknown): void {
    if (this.lost || (error instanceof StoreFailure && !error.lasting)) return;
    this.lost = true;
    this.onStoreLost();
  }
}

/** The record's leaf is made of what stood before it, live and replayed alike. */
function carryOut(sha256: Sha256, draft: RingDraft, record: JournalRecord): void {
  const leaf = leafOfRecord(sha256, draft, record);
  applyJournalRecord(draft, record);
  if (leaf !== null) draft.addLogLeaf(leaf);
}

function replay(sha256: Sha256, encoded: Bytes, journal: readonly Bytes[]): Ring {
  try {
    const ring = encoded.length === 0 ? new Ring() : decodeRing(encoded);
    const draft = new RingDraft(ring);
    for (const record of journal) carryOut(sha256, draft, decodeJournalRecord(record));
    draft.commit();
    for (const plain of [encoded, ...journal]) plain.fill(0);
    return ring;
  } catch (error) {
    if (error instanceof MalformedBinary)
      throw new DamagedStore("the ring cannot be read; it may be of a newer version");
    throw error;
  }
}
