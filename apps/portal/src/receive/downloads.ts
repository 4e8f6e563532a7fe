/**
 * The queue of downloads: one file at a time, in the order in which they were asked for. A file counts as arrived only
 * when its last piece came, which the package reader gives out after the check of the whole; what was written until
 * then is thrown away on any failure.
 */
import type { Bytes, FileId, Problem } from "@safeconduct/foundation";

/** Where a file goes. Exactly one of `finish` and `discard` ends it. */
export interface Sink {
  write(piece: Bytes): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

export type DownloadState =
  | { readonly name: "idle" }
  | { readonly name: "waiting" }
  | { readonly name: "running"; readonly doneBytes: number; readonly retrying: boolean }
  | { readonly name: "verified" }
  | { readonly name: "cancelled" }
  | { readonly name: "failed"; readonly problem: Problem };

export interface DownloadsOptions {
  readonly readFile: (file: FileId) => AsyncIterable<Bytes>;
  /** Ends reads that hang on the network. */
  readonly abortReads: () => void;
  readonly problemOf: (thrown: unknown) => Problem;
}

/** Opens the place of a file. `stopped` is for a place that ends by itself, with the reason. */
export type OpenSink = (stopped: Stopped) => Promise<Sink>;
export type Stopped = (reason: Problem) => void;

interface Job {
  readonly file: FileId;
  readonly openSink: OpenSink;
  cancelled: boolean;
  stoppedBy: Problem | null;
}

const IDLE: DownloadState = { name: "idle" };

export class Downloads {
  private readonly options: DownloadsOptions;
  private states: ReadonlyMap<FileId, DownloadState> = new Map();
  private readonly arrived = new Set<FileId>();
  private readonly listeners = new Set<() => void>();
  private readonly queue: Job[] = [];
  private running: Job | null = null;

  constructor(options: DownloadsOptions) {
    this.options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The same map until something changes. */
  readonly snapshot = (): ReadonlyMap<FileId, DownloadState> => this.states;

  state(file: FileId): DownloadState {
    return this.states.get(file) ?? IDLE;
  }

  /** Whether a file arrived whole at least once. */
  hasArrived(file: FileId): boolean {
    return this.arrived.has(file);
  }

  /** A file was read whole and checked in another way, to be looked at. */
  noteArrived(file: FileId): void {
    this.arrived.add(file);
    this.changed(new Map(this.states));
  }

  busy(): boolean {
    return this.running !== null;
  }

  /** Queues a file, unless it is queued or running already. `openSink` is called when its turn comes. */
  start(file: FileId, openSink: OpenSink): void {
    const { name } = this.state(file);
    if (name === "waiting" || name === "running") return;
    this.queue.push({ file, openSink, cancelled: false, stoppedBy: null });
    this.put(file, { name: "waiting" });
    void this.work();
  }

  cancel(file: FileId): void {
    if (this.running?.file === file) {
      this.running.cancelled = true;
      return this.options.abortReads();
    }
    const at = this.queue.findIndex((job) => job.file === file);
    if (at < 0) return;
    this.queue.splice(at, 1);
    this.put(file, { name: "cancelled" });
  }

  /** Failed files stand as if they had not been tried, once the reason is out of the way. */
  forgetFailures(): void {
    for (const [file, { name }] of this.states) if (name === "failed") this.put(file, IDLE);
  }

  /** The running file waits for a lost connection, or goes on. */
  noteRetrying(retrying: boolean): void {
    if (this.running === null) return;
    const state = this.state(this.running.file);
    if (state.name === "running" && state.retrying !== retrying) this.put(this.running.file, { ...state, retrying });
  }

  private async work(): Promise<void> {
    if (this.running !== null) return;
    for (let job = this.queue.shift(); job !== undefined; job = this.queue.shift()) {
      this.running = job;
      const outcome = await this.run(job);
      this.running = null;
      if (outcome.name === "verified") this.arrived.add(job.file);
      this.put(job.file, outcome);
    }
  }

  private async run(job: Job): Promise<DownloadState> {
    let sink: Sink | null = null;
    try {
      this.put(job.file, { name: "running", doneBytes: 0, retrying: false });
      sink = await job.openSink((reason) => {
        if (this.running !== job) return;
        job.stoppedBy = reason;
        this.options.abortReads();
      });
      let doneBytes = 0;
      for await (const piece of this.options.readFile(job.file)) {
        if (job.cancelled) break;
        await sink.write(piece);
        doneBytes += piece.length;
        this.put(job.file, { name: "running", doneBytes, retrying: false });
      }
      if (!job.cancelled) {
        await sink.finish();
        return { name: "verified" };
      }
    } catch (thrown) {
      if (!job.cancelled) {
        await discarded(sink);
        return { name: "failed", problem: this.options.problemOf(job.stoppedBy ?? thrown) };
      }
    }
    await discarded(sink);
    return { name: "cancelled" };
  }

  private put(file: FileId, state: DownloadState): void {
    this.changed(new Map(this.states).set(file, state));
  }

  private changed(states: ReadonlyMap<FileId, DownloadState>): void {
    this.states = states;
    for (const listener of this.listeners) listener();
  }
}

/** A sink that fails to clean up has nothing that the person could act on beyond the failure they are told. */
async function discarded(sink: Sink | null): Promise<void> {
  await sink?.discard().catch(() => undefined);
}
