/**
 * The judge of a witness (C2SP tlog-witness, `add-checkpoint`): remembers the newest checkpoint of each log that it knows
 * and cosigns only what contains it. It says "I have seen this log grow to here, and never fork"; it reads no entries.
 * What it remembers is durable before it answers, and requests about one log are judged one after the other: otherwise a
 * slow request could set the memory back behind a faster one.
 */
import { type Bytes, type Clock, equalBytes } from "@safeconduct/foundation";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { ledgerProblem } from "./errors.ts";
import { cosignNote, formatNote, formatSignatureLine, type Note, parseNote } from "./note.ts";
import type { NoteSigner, VerifierKey } from "./note-keys.ts";
import type { LedgerPorts } from "./ports.ts";
import { verifyConsistency } from "./proof.ts";
import { parseWitnessRequest } from "./witness-request.ts";

/** Where a witness keeps what it has cosigned. One witness at a time. */
export interface WitnessMemory {
  /** The signed note of the newest checkpoint that was cosigned for this log, or null before the first. */
  read(origin: string): Promise<string | null>;
  /** Atomic and durable when it returns. */
  write(origin: string, checkpointText: string): Promise<void>;
  /** Keeps a checkpoint that the log signed and that contradicts the remembered one: together they prove a fork. */
  keepConflict(origin: string, checkpointText: string): Promise<void>;
}

export interface WitnessOptions extends LedgerPorts {
  /** The logs that it cosigns, each known by its name. */
  readonly logs: readonly VerifierKey[];
  /** Of type `COSIGNATURE_KEY`. */
  readonly signer: NoteSigner;
  readonly memory: WitnessMemory;
  readonly clock: Pick<Clock, "now">;
}

export type WitnessAnswer =
  /** Signature line with its newline. */
  | { readonly kind: "cosigned"; readonly line: string; readonly origin: string; readonly size: number }
  | { readonly kind: "malformed" }
  | { readonly kind: "unknown-log" }
  | { readonly kind: "not-signed" }
  /** The request does not begin at the size that was cosigned last. */
  | { readonly kind: "other-size"; readonly knownSize: number }
  /** The same size with another root: the log shows two histories. */
  | { readonly kind: "other-root"; readonly knownSize: number; readonly origin: string }
  | { readonly kind: "bad-proof"; readonly origin: string };

interface Known {
  readonly size: number;
  readonly root: Bytes;
}

export class Witness {
  private readonly options: WitnessOptions;
  private readonly known: Map<string, Known>;
  private readonly turns = new Map<string, Promise<unknown>>();

  private constructor(options: WitnessOptions, known: Map<string, Known>) {
    this.options = options;
    this.known = known;
  }

  /** Throws `ledger/foreign-checkpoint` where the memory holds what the log did not sign: it must not begin anew. */
  static async open(options: WitnessOptions): Promise<Witness> {
    const known = new Map<string, Known>();
    for (const logKey of options.logs) {
      const text = await options.memory.read(logKey.name);
      const opened = text === null ? null : await openCheckpoint(options.signatures, text, { logKey });
      if (text !== null && opened === null) throw ledgerProblem("ledger/foreign-checkpoint");
      const nothing = { size: 0, root: options.sha256() };
      known.set(logKey.name, opened?.checkpoint ?? nothing);
    }
    return new Witness(options, known);
  }

  /** Judges one attacker-controlled request body. Rejects only when the memory fails; then nothing was cosigned. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    const request = parseWitnessRequest(body);
    const note = request && parseNote(request.checkpointText);
    const checkpoint = note && parseCheckpoint(note.text);
    if (request === null || note === null || checkpoint === null) return { kind: "malformed" };
    const { origin } = checkpoint;
    const logKey = this.options.logs.find(({ name }) => name === origin);
    if (logKey === undefined) return { kind: "unknown-log" };
    const { signatures } = this.options;
    if ((await openCheckpoint(signatures, request.checkpointText, { logKey })) === null) return { kind: "not-signed" };
    if (request.oldSize > checkpoint.size) return { kind: "malformed" };
    // Other people's signature lines are not ours to keep: a client could fill the disk with them.
    const own = { text: note.text, signatures: note.signatures.filter(({ keyId }) => keyId === logKey.keyId) };
    const mine = (this.turns.get(origin) ?? Promise.resolve()).then(() => this.judge(request, own, checkpoint));
    this.turns.set(
      origin,
      mine.catch(() => undefined),
    );
    return mine;
  }

  private async judge(
    { oldSize, proof }: { oldSize: number; proof: readonly Bytes[] },
    note: Note,
    { origin, size, root }: Checkpoint,
  ): Promise<WitnessAnswer> {
    const { sha256, signatures, signer, memory, clock } = this.options;
    const known = this.known.get(origin) as Known;
    if (oldSize !== known.size) return { kind: "other-size", knownSize: known.size };
    if (size === known.size && !equalBytes(root, known.root)) {
      await memory.keepConflict(origin, formatNote(note));
      return { kind: "other-root", knownSize: known.size, origin };
    }
    const claim = { oldSize, oldRoot: known.root, newSize: size, newRoot: root, proof };
    if (!verifyConsistency(sha256, claim)) return { kind: "bad-proof", origin };
    await memory.write(origin, formatNote(note));
    this.known.set(origin, { size, root });
    const timestamp = Math.floor(clock.now() / 1000);
    const signature = await cosignNote(signatures, { text: note.text, timestamp, signer });
    return { kind: "cosigned", line: formatSignatureLine(signature), origin, size };
  }
}
