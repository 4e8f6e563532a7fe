/**
 * Whether this browser believes the log that a server shows it. The key is remembered from the first time on; from then on the log
 * must be signed by it and must contain everything that this browser has seen before. Nothing that the server says is taken for
 * true here: it may be the one who changed the log.
 */
import { equalBytes, isProblem } from "@safeconduct/foundation";
import {
  type Checkpoint,
  consistencyProof,
  ED25519_KEY,
  type LedgerPorts,
  openCheckpoint,
  parseVerifierKey,
  type ReadTile,
  TreeReader,
  type VerifierKey,
  verifyConsistency,
} from "@safeconduct/ledger";

/** What this browser remembers of a log. */
export interface KeptLog {
  readonly verifierKey: string;
  /** The newest state that was verified, a signed note. */
  readonly checkpoint: string;
  /** When the key was remembered, in milliseconds since the Unix epoch. */
  readonly since: number;
}

export interface LogMemory {
  read(): KeptLog | null;
  write(kept: KeptLog): void;
}

export interface ShownLog {
  /** As the server says it. */
  readonly verifierKey: string;
  /** The newest signed state; null where it could not be read. */
  readCheckpoint(): Promise<string | null>;
  readonly readTile: ReadTile;
}

export type LogRefusal = "key-changed" | "not-signed" | "rolled-back" | "forked" | "unreachable";

export type LogVerdict =
  | {
      readonly believed: true;
      readonly logKey: VerifierKey;
      readonly checkpoint: Checkpoint;
      readonly tree: TreeReader;
      /** Since when this browser knows the key; null on this first time. */
      readonly since: number | null;
    }
  | { readonly believed: false; readonly refusal: LogRefusal; readonly remembered: string | null };

/** Remembers what it believes. `now` in milliseconds since the Unix epoch. */
export async function judgeLog(
  ports: LedgerPorts,
  shown: ShownLog,
  { memory, now }: { memory: LogMemory; now: number },
): Promise<LogVerdict> {
  const kept = memory.read();
  const refused = (refusal: LogRefusal): LogVerdict => ({
    believed: false,
    refusal,
    remembered: kept?.verifierKey ?? null,
  });
  if (kept !== null && kept.verifierKey !== shown.verifierKey) return refused("key-changed");
  const logKey = parseVerifierKey(ports.sha256, shown.verifierKey);
  if (logKey?.type !== ED25519_KEY) return refused("not-signed");
  const text = await shown.readCheckpoint();
  if (text === null) return refused("unreachable");
  const opened = await openCheckpoint(ports.signatures, text, { logKey });
  if (opened === null) return refused("not-signed");
  const { checkpoint } = opened;
  const tree = new TreeReader({ sha256: ports.sha256, size: checkpoint.size, readTile: shown.readTile });
  const earlier = kept === null ? null : await openCheckpoint(ports.signatures, kept.checkpoint, { logKey });
  if (earlier !== null) {
    const failure = await continues(ports, { earlier: earlier.checkpoint, checkpoint, tree });
    if (failure !== null) return refused(failure);
  }
  const current = memory.read();
  // Another tab may have seen more meanwhile; what it keeps is not overwritten with less.
  const isNewer = current === null || current.checkpoint === kept?.checkpoint;
  if (isNewer) memory.write({ verifierKey: shown.verifierKey, checkpoint: text, since: kept?.since ?? now });
  return { believed: true, logKey, checkpoint, tree, since: kept?.since ?? null };
}

async function continues(
  { sha256 }: LedgerPorts,
  { earlier, checkpoint, tree }: { earlier: Checkpoint; checkpoint: Checkpoint; tree: TreeReader },
): Promise<LogRefusal | null> {
  if (earlier.size > checkpoint.size) return "rolled-back";
  if (earlier.size === checkpoint.size) return equalBytes(earlier.root, checkpoint.root) ? null : "forked";
  try {
    const proof = await consistencyProof(tree, earlier.size);
    const claim = {
      oldSize: earlier.size,
      oldRoot: earlier.root,
      newSize: checkpoint.size,
      newRoot: checkpoint.root,
      proof,
    };
    return verifyConsistency(sha256, claim) ? null : "forked";
  } catch (error) {
    if (isProblem(error)) return "unreachable";
    throw error;
  }
}
