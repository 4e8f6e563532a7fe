/**
 * The main ledger at a start: opened, brought up to the database and shown to the key service, before anything else is
 * done. A ledger that the key service has seen longer, or otherwise, was restored from an older copy: the start stops,
 * unless the operator asks for a log of a new origin that names where the old one was left.
 */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { performer, type Perform, Sequencer, type Store } from "@safeconduct/exchange";
import { type Clock, type CryptoPorts, isProblem, type Random, utf8Bytes } from "@safeconduct/foundation";
import type { KeyServiceClient, LedgerToShow } from "@safeconduct/keys-http";
import {
  type Checkpoint,
  consistencyProof,
  formatVerifierKey,
  inclusionProof,
  type LeafSource,
  LedgerWriter,
  type NoteSigner,
  parseCheckpoint,
  parseNote,
  type TileStore,
  TreeReader,
} from "@safeconduct/ledger";
import { openTileStore } from "@safeconduct/ledger-fs";
import { EXIT, StartFailure } from "./exit.ts";
import { failureKind, type Log } from "./log.ts";

/** Readable events are bounded; a checkpoint with many witnesses is told by its hash alone. */
const TOLD_CHECKPOINT_LIMIT_CHARACTERS = 8_192;

interface LedgerPorts {
  readonly store: Store;
  readonly crypto: CryptoPorts;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly folders: { readonly ledger: string; readonly secrets: string };
  /** The ledger's key from the secrets folder; a fresh one where the file is gone. */
  readonly readSigner: () => Promise<NoteSigner>;
  /** A client of the key service that shows it this ledger. */
  readonly connect: (ledger: LedgerToShow) => KeyServiceClient;
  /** Whether the operator asks to go on under a new origin. */
  readonly newOrigin: boolean;
}

export interface OpenedLedger {
  readonly signer: NoteSigner;
  readonly tiles: TileStore;
  readonly writer: LedgerWriter;
  readonly perform: Perform;
  readonly keys: KeyServiceClient;
  /** Hears of every checkpoint from now on; one listener. */
  readonly watch: (published: Published) => void;
}

type Published = (checkpoint: Checkpoint, text: string) => void;

/** Rejects with {@link StartFailure}. A new origin is begun only where the ledger cannot go on as it is. */
export async function openLedger(ports: LedgerPorts): Promise<OpenedLedger> {
  const signer = await ports.readSigner();
  try {
    const opened = await open(ports, signer);
    await catchUp(ports, opened);
    await opened.keys.showLedger();
    return opened;
  } catch (error) {
    const code = isProblem(error) ? error.code : "";
    if (!code.startsWith("ledger/") && code !== "keys/ledger-rolled-back") throw error;
    if (ports.newOrigin) return continueUnderNewOrigin(ports, signer);
    const said = code.startsWith("ledger/") ? (error as Error).message : SEEN_OTHERWISE;
    throw new StartFailure(EXIT.damaged, `${said} If there is no newer copy: ${WAY_ON}`);
  }
}

const SEEN_OTHERWISE =
  "The key service has seen a newer audit ledger than this one, or another one: database and ledger were restored from an older copy. Nothing was signed. Restore the newest copy of both.";
const WAY_ON =
  "npm start -- --new-ledger-origin, once, goes on with a new log that names where the old one was left (docs/operations/restore.md).";

async function open({ store, crypto, clock, random, log, folders, connect }: LedgerPorts, signer: NoteSigner) {
  const { sha256, signatures } = crypto;
  const tiles = await openTileStore(folders.ledger);
  const writer = await LedgerWriter.open({ store: tiles, signer, sha256, signatures });
  let published: Published | null = null;
  const sequencer = new Sequencer({
    store,
    tree: {
      get size() {
        return writer.size;
      },
      append: async (leaves) => {
        const { checkpoint, checkpointText } = await writer.append(leaves);
        published?.(checkpoint, checkpointText);
      },
    },
    onFailure: (error) => log({ event: "ledger/failed", failure: failureKind(error) }),
  });
  const perform = performer({ store, sequencer, clock, random, sha256 });
  const keys = connect({
    current: () => ({ size: writer.size, checkpointText: writer.checkpointText }),
    prove: ({ oldSize, size }) => consistencyProof(treeOf({ crypto, tiles }, size), oldSize),
  });
  const watch = (listener: Published) => {
    published = listener;
  };
  return { signer, tiles, writer, perform, keys, watch };
}

/** Adds what the database has and the tree lacks. A database that is behind the key service's memory signs nothing. */
async function catchUp({ store }: LedgerPorts, { writer, keys }: OpenedLedger): Promise<void> {
  const source = leavesOf(store);
  const { checkpoint } = await keys.ledgerState();
  // Shown before it grows: the refusal that follows is the key service's own, and its log has the alarm.
  if ((await source.count()) < sizeOf(checkpoint)) await keys.showLedger();
  await writer.recover(source);
}

async function continueUnderNewOrigin(ports: LedgerPorts, signer: NoteSigner): Promise<OpenedLedger> {
  const nothing = { current: () => ({ size: 0, checkpointText: "" }), prove: async () => [] };
  const left = await ports.connect(nothing).ledgerState();
  if (left.checkpoint === "")
    throw new StartFailure(EXIT.usage, "The key service has seen no ledger that could go on.");
  // Already another one where an earlier attempt was interrupted: then only the link is missing.
  if (left.verifierKey === formatVerifierKey(signer.key)) await retire(ports);
  const opened = await open(ports, await ports.readSigner());
  const { writer, tiles, perform } = opened;
  await writer.recover(leavesOf(ports.store));
  const { sha256 } = ports.crypto;
  const told = left.checkpoint.length <= TOLD_CHECKPOINT_LIMIT_CHARACTERS ? left.checkpoint : null;
  await perform(async () => ({
    entries: [
      {
        type: "ledger/continued",
        actor: { kind: "system" },
        organisation: null,
        payloadHash: sha256(utf8Bytes(left.checkpoint)),
        detail: { leftAt: told, leftAtSize: sizeOf(left.checkpoint) },
      },
    ],
    value: undefined,
  }));
  const { size, checkpointText: checkpoint } = writer;
  const tree = treeOf({ crypto: ports.crypto, tiles }, size);
  const index = size - 1;
  const [leaf, proof] = [await tree.entry(index), await inclusionProof(tree, index)];
  const verifierKey = formatVerifierKey(opened.signer.key);
  await opened.keys.continueLedger({ verifierKey, checkpoint, leaf, index, proof });
  ports.log({ event: "ledger/continued" });
  return opened;
}

/** Puts the old log and its key aside: the one stays readable, the other signs nothing any more. */
async function retire({ clock, folders }: LedgerPorts): Promise<void> {
  const until = clock.now();
  await rename(folders.ledger, `${folders.ledger}-until-${until}`);
  await rename(join(folders.secrets, "ledger-signing.key"), join(folders.secrets, `ledger-signing-until-${until}.key`));
}

function leavesOf(store: Store): LeafSource {
  return {
    count: () => store.read((view) => view.sequencedCount()),
    read: async ({ firstIndex, limit }) =>
      (await store.read((view) => view.leavesFrom(firstIndex, limit))).map((event) => event.leaf),
  };
}

function treeOf({ crypto, tiles }: { crypto: CryptoPorts; tiles: TileStore }, size: number): TreeReader {
  return new TreeReader({ sha256: crypto.sha256, size, readTile: (path) => tiles.readTile(path) });
}

/** 0 before the first checkpoint. */
function sizeOf(checkpointText: string): number {
  const note = parseNote(checkpointText);
  return (note && parseCheckpoint(note.text)?.size) ?? 0;
}
