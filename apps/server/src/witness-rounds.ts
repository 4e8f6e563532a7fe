/**
 * Has checkpoints cosigned by the witnesses of a policy (C2SP tlog-witness). In rounds: each takes the newest checkpoint to
 * every witness that is due, so that their lines come together on one checkpoint. Nobody who waits for an answer waits for
 * a witness; one that fails is asked again later and later. This file is about nothing but time and the network.
 */
import { boundedBody } from "@safeconduct/contract";
import { type Clock, type CryptoPorts, isProblem, utf8Text } from "@safeconduct/foundation";
import {
  type AskWitness,
  type Checkpoint,
  type CosignatureFailure,
  COSIGNATURE_LIMIT_CHARACTERS,
  formatVerifierKey,
  ledgerProblem,
  meetsQuorum,
  type NoteSignature,
  openCheckpoint,
  type ReadTile,
  requestCosignature,
  TreeReader,
  type VerifierKey,
  withCosignatures,
  type WitnessPolicy,
} from "@safeconduct/ledger";
import type { NoteFile } from "@safeconduct/ledger-fs";
import type { Log } from "./log.ts";

const ANSWER_WITHIN_MS = 10_000;
/** A log that grows all the time asks this often, not with every entry. */
const ROUND_EVERY_MS = 250;
/** A certificate waits so long for the witnesses before it goes out without them. */
const PATIENCE_MS = 3000;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;

interface Head {
  readonly size: number;
  /** Signed by the log, with the cosignatures that it has so far. */
  readonly text: string;
}

export interface WitnessRounds {
  /** A new checkpoint is durable and public. */
  published(checkpoint: Checkpoint, text: string): void;
  readonly newest: Head;
  /** The newest that meets the quorum, also from before a restart. */
  readonly witnessed: Head | null;
  /** Whoever is asked. `cosignedSize`: since the start, null before the first; `failure`: of the last try, null when it went well. */
  readonly witnesses: readonly {
    readonly name: string;
    readonly verifierKey: string;
    readonly cosignedSize: number | null;
    readonly failure: string | null;
  }[];
  /** A checkpoint of at least `size` entries: a witnessed one if that comes within moments, else the newest. */
  covering(size: number): Promise<Head>;
  stop(): Promise<void>;
}

export interface WitnessRoundsOptions {
  readonly policy: WitnessPolicy;
  readonly logKey: VerifierKey;
  readonly first: { readonly checkpoint: Checkpoint; readonly text: string };
  readonly readTile: ReadTile;
  /** Keeps the witnessed checkpoint. */
  readonly file: NoteFile;
  readonly crypto: Pick<CryptoPorts, "sha256" | "signatures">;
  readonly clock: Clock;
  readonly log: Log;
}

interface Member {
  readonly name: string;
  readonly key: VerifierKey;
  readonly ask: AskWitness;
  /** −1 before the first cosignature in this run. */
  cosignedSize: number;
  notBefore: number;
  delayMs: number;
  failure: CosignatureFailure | "failed" | null;
}

interface Target {
  readonly checkpoint: Checkpoint;
  readonly text: string;
  readonly lines: Map<VerifierKey, NoteSignature>;
}

/** Reads what was witnessed before. Problem `ledger/rolled-back` when that is more than the log has now. */
export async function startWitnessRounds(options: WitnessRoundsOptions): Promise<WitnessRounds> {
  const { policy, logKey, first, file, crypto } = options;
  const kept = await file.read();
  const keys = policy.witnesses.map(({ key }) => key);
  const opened = kept === null ? null : await openCheckpoint(crypto.signatures, kept, { logKey, witnesses: keys });
  // We have shown it to somebody, so the log had it: whoever restored an older one must not sign on.
  if (opened !== null && opened.checkpoint.size > first.checkpoint.size) throw ledgerProblem("ledger/rolled-back");
  // Witnesses come and go: what today's policy does not accept is no witness's word any more.
  const isAccepted = opened !== null && opened.witnesses.length > 0 && meetsQuorum(policy, opened.witnesses);
  const witnessed = kept !== null && isAccepted ? { size: opened.checkpoint.size, text: kept } : null;
  return new Rounds(options, { ...first, lines: new Map() }, witnessed);
}

class Rounds implements WitnessRounds {
  witnessed: Head | null;
  private readonly options: WitnessRoundsOptions;
  private readonly members: readonly Member[];
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;
  private target: Target;
  private wake: () => void = () => undefined;
  private waiting: (() => void)[] = [];
  private written: Promise<void> = Promise.resolve();

  constructor(options: WitnessRoundsOptions, target: Target, witnessed: Head | null) {
    this.options = options;
    this.target = target;
    this.witnessed = witnessed;
    this.members = options.policy.witnesses.flatMap(({ key, name, url }) =>
      url === null ? [] : [{ ...AT_FIRST, name, key, ask: httpWitness(url, this.ending.signal) }],
    );
    this.running = this.members.length === 0 ? Promise.resolve() : this.run();
  }

  get newest(): Head {
    const { checkpoint, text, lines } = this.target;
    return { size: checkpoint.size, text: withCosignatures(text, [...lines.values()]) };
  }

  get witnesses(): WitnessRounds["witnesses"] {
    return this.members.map(({ name, key, cosignedSize, failure }) => ({
      name,
      verifierKey: formatVerifierKey(key),
      cosignedSize: cosignedSize < 0 ? null : cosignedSize,
      failure,
    }));
  }

  published(checkpoint: Checkpoint, text: string): void {
    if (checkpoint.size === this.target.checkpoint.size) return;
    this.target = { checkpoint, text, lines: new Map() };
    this.wake();
  }

  async covering(size: number): Promise<Head> {
    const { clock } = this.options;
    const until = clock.monotonic() + PATIENCE_MS;
    for (;;) {
      if (this.witnessed !== null && this.witnessed.size >= size) return this.witnessed;
      const now = clock.monotonic();
      const canAsk = this.members.some(({ notBefore }) => notBefore <= now);
      if (now >= until || !canAsk || this.ending.signal.aborted) return this.newest;
      await this.pause(until - now, (resolve) => this.waiting.push(resolve));
    }
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.wake();
    this.heard();
    await this.running;
    await this.written;
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const now = this.options.clock.monotonic();
      const behind = this.members.filter(({ cosignedSize }) => cosignedSize < this.target.checkpoint.size);
      const due = behind.filter(({ notBefore }) => notBefore <= now);
      if (due.length > 0) {
        const { target } = this;
        await Promise.all(due.map((member) => this.ask(member, target)));
        await this.pause(ROUND_EVERY_MS, () => undefined);
      } else {
        const next = Math.min(RETRY_LAST_MS, ...behind.map(({ notBefore }) => notBefore - now));
        await this.pause(next, (resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  /** Until `milliseconds` are over, or whoever was given the call uses it. */
  private pause(milliseconds: number, give: (resolve: () => void) => void): Promise<void> {
    const { signal } = this.ending;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
      give(done);
      if (signal.aborted) done();
    });
  }

  private async ask(member: Member, target: Target): Promise<void> {
    const { crypto, readTile, clock, log } = this.options;
    const { checkpoint, text } = target;
    try {
      const cosignature = await requestCosignature(crypto.signatures, {
        tree: new TreeReader({ sha256: crypto.sha256, size: checkpoint.size, readTile }),
        checkpoint,
        checkpointText: text,
        witness: member.key,
        knownSize: Math.max(0, member.cosignedSize),
        ask: member.ask,
      });
      if (!cosignature.ok) throw new WitnessFailure(cosignature.failure);
      target.lines.set(member.key, cosignature.signature);
      Object.assign(member, AT_FIRST, { cosignedSize: checkpoint.size });
      this.keep(target);
    } catch (error) {
      if (this.ending.signal.aborted) return;
      const failure = error instanceof WitnessFailure ? error.failure : "failed";
      if (failure !== member.failure) log({ event: "witness/failed", witness: member.name, failure });
      member.failure = failure;
      member.notBefore = clock.monotonic() + member.delayMs;
      member.delayMs = Math.min(RETRY_LAST_MS, 2 * member.delayMs);
    }
    this.heard();
  }

  private keep({ checkpoint: { size }, text, lines }: Target): void {
    const { policy, file, log } = this.options;
    const signed = [...lines.keys()].map((key) => ({ key, timestamp: null }));
    if (!meetsQuorum(policy, signed) || size < (this.witnessed?.size ?? -1)) return;
    const head = { size, text: withCosignatures(text, [...lines.values()]) };
    this.witnessed = head;
    this.written = this.written
      .then(() => file.write(head.text))
      .catch((error: unknown) => {
        const failure = isProblem(error) ? error.code : "failed";
        log({ event: "witness/not-kept", failure });
      });
  }

  private heard(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const AT_FIRST = { cosignedSize: -1, notBefore: 0, delayMs: RETRY_FIRST_MS, failure: null };

class WitnessFailure extends Error {
  readonly failure: CosignatureFailure;

  constructor(failure: CosignatureFailure) {
    super(failure);
    this.failure = failure;
  }
}

function httpWitness(url: string, ending: AbortSignal): AskWitness {
  const address = `${url.replace(/\/$/, "")}/add-checkpoint`;
  return async (body) => {
    try {
      const response = await fetch(address, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain; charset=utf-8" },
        // A witness that sends us elsewhere could have us ask our own network.
        redirect: "error",
        signal: AbortSignal.any([ending, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      const bytes = await boundedBody(response, 3 * COSIGNATURE_LIMIT_CHARACTERS);
      const text = bytes && utf8Text(bytes);
      return text === null ? null : { status: response.status, body: text };
    } catch {
      return null;
    }
  };
}
