/**
 * One sending from its order to its end, as the worker runs it: through lost networks, pauses and sessions that end, until there are
 * links, or somebody cancels, or it cannot be. What goes on is told, not returned.
 */
import {
  isPassing,
  type ClientPorts,
  clientProblem,
  type OutgoingFile,
  type PreparedSeal,
  resumeSending,
  type SendingTerms,
  type SendProgress,
  type SendPorts,
  sendTransfer,
  type Sent,
  type UnfinishedSending,
} from "@safeconduct/client";
import type { PartRecord } from "@safeconduct/envelope";
import { isProblem, type TransferId } from "@safeconduct/foundation";
import type { KeptNotes, KeptSending } from "./sending-shelf.ts";
import { readSource } from "./source-reads.ts";
import {
  type OutgoingSource,
  sentTerms,
  type ToldProblem,
  type UploadNews,
  type UploadOrder,
  type UploadStage,
} from "./upload-messages.ts";

/** After the client's own patience of some minutes is over: the laptop was shut, or the server is down for the night. */
const NEXT_ROUND_MS = 15_000;

export interface RunPorts {
  readonly client: ClientPorts;
  readonly now: () => number;
  readonly notes: KeptNotes;
  /** Null where nothing is kept of it. */
  readonly kept: (transfer: TransferId) => Promise<KeptSending | null>;
  /** False where another tab works on it. */
  readonly hold: (transfer: TransferId) => Promise<boolean>;
  /** Before the last news, at which the page ends the worker. Never rejects. */
  readonly tidyUp: () => Promise<void>;
}

/** Never rejects. `signal` cancels: the draft is given up. */
export async function runUpload(
  ports: RunPorts,
  { order, signal, tell }: { order: UploadOrder; signal: AbortSignal; tell: (news: UploadNews) => void },
): Promise<void> {
  const run = new Run(ports, { order, tell });
  const last = await run.toTheEnd(signal).catch((error: unknown): UploadNews => {
    return signal.aborted ? { kind: "cancelled" } : { kind: "failed", problem: toldProblem(error) };
  });
  await ports.tidyUp();
  tell(last);
}

class Run {
  private readonly ports: RunPorts;
  private readonly order: UploadOrder;
  private readonly tell: (news: UploadNews) => void;
  /** What the next round goes on from; null before there is anything. */
  private unfinished:
    | (Omit<UnfinishedSending, "parts" | "seal"> & { parts: PartRecord[]; seal: PreparedSeal | null })
    | null = null;
  private stage: UploadStage | null = null;

  constructor(ports: RunPorts, { order, tell }: { order: UploadOrder; tell: (news: UploadNews) => void }) {
    this.ports = ports;
    this.order = order;
    this.tell = tell;
  }

  async toTheEnd(signal: AbortSignal): Promise<UploadNews> {
    const { order } = this;
    if (order.kind === "resume") {
      if (!(await this.ports.hold(order.transfer))) return { kind: "busy" };
      const kept = await this.ports.kept(order.transfer);
      if (kept === null) throw clientProblem("client/sending-over");
      await this.ports.notes.resumed({ transfer: order.transfer });
      const read = order.files.map((file) => readSource(file));
      this.unfinished = { begun: kept.begun, parts: [...kept.parts], seal: kept.sealed?.seal ?? null, read };
      this.tell({ kind: "begun", transfer: order.transfer });
    }
    for (;;) {
      try {
        const sent = await this.round(signal);
        await this.keepLinks();
        return { kind: "sent", sent, terms: sentTerms(this.terms()) };
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        this.tell({ kind: "waiting" });
        await this.ports.client.wait(NEXT_ROUND_MS, signal);
      }
    }
  }

  private round(signal: AbortSignal): Promise<Sent> {
    const { client, now } = this.ports;
    const { origin, device } = this.order;
    const ports: SendPorts = { ...client, now, origin, notes: this.notes(), fetch: this.watchedFetch() };
    const progress: SendProgress = {
      signal,
      onProgress: (done) => this.tell({ kind: "progress", ...done }),
      onRetry: () => this.tell({ kind: "waiting" }),
    };
    const { unfinished } = this;
    if (unfinished !== null) {
      this.enter(unfinished.seal === null ? "checking" : "sealing");
      return resumeSending(ports, device, { unfinished, progress });
    }
    this.enter("preparing");
    return sendTransfer(ports, device, { ...this.terms(), files: this.files() }, progress);
  }

  private terms(): SendingTerms {
    if (this.order.kind === "begin") return this.order.terms;
    if (this.unfinished === null) throw new Error("a sending that goes on has a beginning");
    return this.unfinished.begun;
  }

  private sources(): readonly OutgoingSource[] {
    if (this.order.kind !== "begin") throw new Error("only a sending that begins names its files");
    return this.order.sources;
  }

  private files(): OutgoingFile[] {
    return this.sources().map(({ path, mediaType, file }) => ({
      path,
      mediaType,
      sizeBytes: file.size,
      read: readSource(file),
    }));
  }

  private notes(): KeptNotes {
    const { notes, hold } = this.ports;
    return {
      ...notes,
      begun: async (begun) => {
        // A name that was drawn just now: nobody else can hold it.
        await hold(begun.transfer);
        const read = this.sources().map(({ file }) => readSource(file));
        this.unfinished = { begun, parts: [], seal: null, read };
        await notes.begun(begun);
        this.tell({ kind: "begun", transfer: begun.transfer });
      },
      stored: async (part) => {
        const { number, sizeBytes, sha256, proof } = part;
        this.unfinished?.parts.push({ number, sizeBytes, sha256, proof });
        await notes.stored(part);
      },
      sealing: async (seal) => {
        this.enter("sealing");
        if (this.unfinished !== null) this.unfinished.seal = seal;
        await notes.sealing(seal);
      },
    };
  }

  private async keepLinks(): Promise<void> {
    const seal = this.unfinished?.seal ?? null;
    if (seal !== null) await this.ports.notes.sent(seal);
  }

  /** A part that could not be put aside goes as a Blob: an ArrayBuffer of 8 MiB can stall where a debugger listens. */
  private watchedFetch(): typeof globalThis.fetch {
    const { client } = this.ports;
    return (input, init) => {
      if (init?.body === undefined || init.body === null) return client.fetch(input, init);
      this.enter("uploading");
      const { body } = init;
      return client.fetch(input, { ...init, body: ArrayBuffer.isView(body) ? new Blob([body]) : body });
    };
  }

  private enter(stage: UploadStage): void {
    if (this.stage === stage || (this.stage === "sealing" && stage === "uploading")) return;
    this.stage = stage;
    this.tell({ kind: "stage", stage });
  }
}

function toldProblem(error: unknown): ToldProblem {
  if (isProblem(error)) return { code: error.code, message: error.message, details: error.details };
  reportError(error);
  return { code: "portal/unexpected", message: "", details: {} };
}
