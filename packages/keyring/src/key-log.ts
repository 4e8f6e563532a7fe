/**
 * The key service's own log: a Merkle tree with signed checkpoints, in tiles (docs/formats/key-service-log.md). The journal
 * and the ring are the truth and the log follows them: a release waits for one fsync, not for two, and what a crash left
 * out is added at the next start. The log is never ahead of the ring, so a ring that is behind it is an old copy.
 */
import { type Bytes, hexText, isProblem, type Sha256, type Signatures } from "@safeconduct/foundation";
import {
  consistencyProof,
  ED25519_KEY,
  type LeafSource,
  LedgerWriter,
  makeVerifierKey,
  type TileStore,
  TreeReader,
  type VerifierKey,
} from "@safeconduct/ledger";
import type { LogCheckpointAnswer } from "./messages.ts";
import type { Ring } from "./ring.ts";
import { DamagedStore } from "./ring-store.ts";

/** Bytes of the key's hash in the origin. */
const ORIGIN_HASH_BYTES = 16;

/**
 * The key of the log of the key service whose pinned signing key this is (32 bytes, Ed25519). It is the same key: notes
 * begin with the origin and statements with a zero byte, so neither can be taken for the other.
 */
export function keyLogKey(sha256: Sha256, signingPublicKey: Bytes): VerifierKey {
  const name = `safeconduct-keys/${hexText(sha256(signingPublicKey).subarray(0, ORIGIN_HASH_BYTES))}`;
  return makeVerifierKey(sha256, { name, type: ED25519_KEY, publicKey: signingPublicKey });
}

interface KeyLogPorts {
  readonly crypto: { readonly sha256: Sha256; readonly signatures: Signatures };
  readonly identity: { readonly signing: { readonly publicKey: Bytes; readonly privateKey: Bytes } };
  /** Where the log is kept. */
  readonly log: TileStore;
}

export class KeyLog {
  private readonly ports: KeyLogPorts;
  private readonly ring: Ring;
  private readonly writer: LedgerWriter;
  private running: Promise<void> = Promise.resolve();

  private constructor(ports: KeyLogPorts, ring: Ring, writer: LedgerWriter) {
    this.ports = ports;
    this.ring = ring;
    this.writer = writer;
  }

  /** Adds what the ring tells and the log lacks. Throws {@link DamagedStore} if the two do not belong together. */
  static async open(ports: KeyLogPorts, ring: Ring): Promise<KeyLog> {
    const { crypto, identity, log } = ports;
    const { publicKey, privateKey } = identity.signing;
    // Before a new one is begun: the ring says that there was one.
    if (ring.log.firstIndex > 0 && (await log.readCheckpoint()) === null)
      throw new DamagedStore("the key service's own log is missing");
    try {
      const signer = { key: keyLogKey(crypto.sha256, publicKey), privateKey };
      const writer = await LedgerWriter.open({ ...crypto, store: log, signer });
      await writer.recover(leavesOf(ring));
      return new KeyLog(ports, ring, writer);
    } catch (error) {
      const code = isProblem(error) ? error.code : "";
      if (code === "ledger/rolled-back" || code === "ledger/forked")
        throw new DamagedStore("the ring is an older copy, or another one, than the key service's own log tells of");
      if (code.startsWith("ledger/")) throw new DamagedStore("the key service's own log is damaged");
      throw error;
    }
  }

  /** How many leaves are durable in it. */
  get size(): number {
    return this.writer.size;
  }

  /** Adds what the ring tells; one run at a time. Rejects with what the store throws; the next call tries again. */
  follow(): Promise<void> {
    const next = this.running.then(async () => {
      const { firstIndex, leaves } = this.ring.log;
      await this.writer.append(leaves.slice(this.writer.size - firstIndex));
    });
    this.running = next.catch(() => undefined);
    return next;
  }

  /** The newest checkpoint, and the proof that it continues the one of `oldSize`; none where it is shorter than that. */
  async checkpoint(oldSize: number): Promise<LogCheckpointAnswer> {
    const { checkpoint, checkpointText } = this.writer;
    const { size } = checkpoint;
    if (oldSize > size) return { checkpoint: checkpointText, proof: [] };
    const { crypto, log } = this.ports;
    const tree = new TreeReader({ sha256: crypto.sha256, size, readTile: (path) => log.readTile(path) });
    return { checkpoint: checkpointText, proof: await consistencyProof(tree, oldSize) };
  }
}

function leavesOf({ log: { firstIndex, leaves } }: Ring): LeafSource {
  return {
    count: async () => firstIndex + leaves.length,
    // Nothing for what the ring has left out because the log had it.
    read: async ({ firstIndex: from, limit }) =>
      from < firstIndex ? [] : leaves.slice(from - firstIndex, from - firstIndex + limit),
  };
}
