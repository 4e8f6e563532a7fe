import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, utf8Bytes } from "@safeconduct/foundation";
import { MemoryTileStore, MerkleOracle, known } from "@safeconduct/testkit";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { type LeafSource, LedgerWriter, RECOVERY_BATCH_LEAVES } from "./ledger-writer.ts";
import { ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { verifyLog } from "./verify-log.ts";

const { sha256, signatures } = nodeCrypto();
const leaves = Array.from({ length: 300 }, (_, i) => utf8Bytes(`leaf ${i}`));
let signer: NoteSigner;
let store: MemoryTileStore;

async function makeSigner(name: string): Promise<NoteSigner> {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  return { key: makeVerifierKey(sha256, { name, type: ED25519_KEY, publicKey }), privateKey };
}

beforeAll(async () => {
  signer = await makeSigner("clinic.example/ledger");
});

beforeEach(() => {
  store = new MemoryTileStore();
});

function open(): Promise<LedgerWriter> {
  return LedgerWriter.open({ sha256, signatures, store, signer });
}

function database(held: readonly Bytes[]): LeafSource {
  return {
    count: async () => held.length,
    read: async ({ firstIndex, limit }) => held.slice(firstIndex, firstIndex + limit),
  };
}

async function storedSize(): Promise<number | undefined> {
  const text = (await store.readCheckpoint()) ?? "";
  return (await openCheckpoint(signatures, text, { logKey: signer.key }))?.checkpoint.size;
}

describe("the writer", () => {
  it("starts a log with the signed empty tree", async () => {
    const writer = await open();
    expect(writer.size).toBe(0);
    expect(writer.checkpoint.root).toEqual(sha256());
    expect(await storedSize()).toBe(0);
  });

  it("gives consecutive indices and a checkpoint over them", async () => {
    const writer = await open();
    expect(await writer.append(leaves.slice(0, 3))).toMatchObject({ firstIndex: 0, checkpoint: { size: 3 } });
    const second = await writer.append(leaves.slice(3, 300));
    expect(second).toMatchObject({ firstIndex: 3, checkpoint: { size: 300 } });
    expect(second.checkpoint.root).toEqual(new MerkleOracle(leaves).root(0, 300));
    expect(second.checkpointText).toBe(store.checkpoint);
  });

  it("signs nothing for an empty batch", async () => {
    const writer = await open();
    const before = store.checkpoint;
    await writer.append([]);
    expect(store.checkpoint).toBe(before);
  });

  it("goes on after a restart where it was", async () => {
    await (await open()).append(leaves.slice(0, 260));
    const again = await open();
    expect(again.size).toBe(260);
    await again.append(leaves.slice(260));
    const readTile = (path: string) => store.readTile(path);
    const copy = { readTile, checkpointText: again.checkpointText, logKey: signer.key };
    expect(await verifyLog({ sha256, signatures }, copy)).toMatchObject({ ok: true, checkpoint: { size: 300 } });
  });

  it("stores tiles before the checkpoint that promises them", async () => {
    const writer = await open();
    const order: string[] = [];
    store.beforeWrite = (what) => order.push(what);
    await writer.append(leaves.slice(0, 1));
    expect(order).toEqual(["tiles", "checkpoint"]);
  });

  it("refuses a second append while one runs", async () => {
    const writer = await open();
    const first = writer.append(leaves.slice(0, 1));
    await expect(writer.append(leaves.slice(1, 2))).rejects.toThrow("one writer");
    await first;
    expect(writer.size).toBe(1);
  });

  it("does not start with a signing key that is not its own", async () => {
    const other = await makeSigner(signer.key.name);
    const mixed = { key: signer.key, privateKey: other.privateKey };
    await expect(LedgerWriter.open({ sha256, signatures, store, signer: mixed })).rejects.toThrow("public key");
    expect(store.checkpoint).toBeNull();
  });
});

describe("after a failed write", () => {
  it.each(["tiles", "checkpoint"] as const)("of %s the same leaves are taken again, once", async (failing) => {
    const writer = await open();
    store.beforeWrite = (what) => {
      if (what === failing) throw new Error("the disk is full");
    };
    await expect(writer.append(leaves.slice(0, 2))).rejects.toThrow("the disk is full");
    expect(writer.size).toBe(0);
    store.beforeWrite = () => {};
    await writer.append(leaves.slice(0, 3));
    expect(writer.checkpoint.root).toEqual(new MerkleOracle(leaves.slice(0, 3)).root(0, 3));
  });

  it("that had reached the disk all the same, nothing is added twice", async () => {
    const writer = await open();
    const writeCheckpoint = store.writeCheckpoint.bind(store);
    store.writeCheckpoint = async (text) => {
      await writeCheckpoint(text);
      throw new Error("the folder could not be flushed");
    };
    await expect(writer.append(leaves.slice(0, 2))).rejects.toThrow("flushed");
    store.writeCheckpoint = writeCheckpoint;
    expect(await writer.append(leaves.slice(0, 3))).toMatchObject({ firstIndex: 0, checkpoint: { size: 3 } });
    expect(writer.checkpoint.root).toEqual(new MerkleOracle(leaves.slice(0, 3)).root(0, 3));
  });

  it("that had reached the disk all the same, other leaves in their place are refused", async () => {
    const writer = await open();
    const writeCheckpoint = store.writeCheckpoint.bind(store);
    store.writeCheckpoint = async (text) => {
      await writeCheckpoint(text);
      throw new Error("the folder could not be flushed");
    };
    await expect(writer.append(leaves.slice(0, 2))).rejects.toThrow("flushed");
    store.writeCheckpoint = writeCheckpoint;
    const signed = store.checkpoint;
    await expect(writer.append(leaves.slice(1, 4))).rejects.toMatchObject({ code: "ledger/forked" });
    await expect(writer.append(leaves.slice(0, 1))).rejects.toMatchObject({ code: "ledger/forked" });
    expect(store.checkpoint).toBe(signed);
  });

  it("a store that went back behind what was acknowledged is not signed on", async () => {
    const writer = await open();
    await writer.append(leaves.slice(0, 5));
    const old = store.copy();
    await writer.append(leaves.slice(5, 9));
    store.beforeWrite = () => {
      throw new Error("the disk failed");
    };
    await expect(writer.append(leaves.slice(9, 10))).rejects.toThrow("failed");
    store.beforeWrite = () => {};
    store.checkpoint = old.checkpoint;
    await expect(writer.append(leaves.slice(9, 10))).rejects.toMatchObject({ code: "ledger/rolled-back" });
  });
});

describe("a stored log that is not what was signed", () => {
  beforeEach(async () => {
    await (await open()).append(leaves);
  });

  it("under another key is refused", async () => {
    signer = await makeSigner(signer.key.name);
    await expect(open()).rejects.toMatchObject({ code: "ledger/foreign-checkpoint" });
  });

  it("under another origin is refused", async () => {
    const other = await makeSigner("clinic.example/other");
    store.checkpoint = await signCheckpoint(signatures, { origin: other.key.name, size: 1, root: sha256() }, other);
    await expect(open()).rejects.toMatchObject({ code: "ledger/foreign-checkpoint" });
  });

  it("with a damaged edge is refused", async () => {
    const tile = known(store.tiles.get("tile/0/001.p/44"));
    store.tiles.set("tile/0/001.p/44", tile.with(0, (tile[0] ?? 0) ^ 1));
    await expect(open()).rejects.toMatchObject({ code: "ledger/damaged" });
  });

  it("with a missing edge is refused", async () => {
    store.tiles.delete("tile/0/001.p/44");
    await expect(open()).rejects.toMatchObject({ code: "ledger/tile-missing" });
  });
});

describe("recovery", () => {
  it("adds what the database holds and the ledger has not seen, and is the same tree", async () => {
    await (await open()).append(leaves.slice(0, 10));
    const writer = await open();
    expect(await writer.recover(database(leaves))).toBe(290);
    expect(writer.checkpoint.root).toEqual(new MerkleOracle(leaves).root(0, 300));
    expect(await writer.recover(database(leaves))).toBe(0);
  });

  it("after tiles were written but not signed makes the same tiles", async () => {
    const writer = await open();
    store.beforeWrite = (what) => {
      if (what === "checkpoint") throw new Error("killed");
    };
    await expect(writer.append(leaves)).rejects.toThrow("killed");
    store.beforeWrite = () => {};
    const again = await open();
    expect(again.size).toBe(0);
    await again.recover(database(leaves));
    expect(again.checkpoint.root).toEqual(new MerkleOracle(leaves).root(0, 300));
  });

  it("works in bounded batches", async () => {
    const many = Array.from({ length: RECOVERY_BATCH_LEAVES + 1 }, (_, i) => utf8Bytes(`${i}`));
    const asked: number[] = [];
    const source = database(many);
    const writer = await open();
    await writer.recover({
      count: source.count,
      read: (range) => {
        asked.push(range.limit);
        return source.read(range);
      },
    });
    expect(asked).toEqual([RECOVERY_BATCH_LEAVES, 1]);
  });

  it("refuses a database that holds fewer entries than were signed", async () => {
    await (await open()).append(leaves.slice(0, 10));
    const signed = store.checkpoint;
    await expect((await open()).recover(database(leaves.slice(0, 9)))).rejects.toMatchObject({
      code: "ledger/rolled-back",
    });
    expect(store.checkpoint).toBe(signed);
  });

  it("refuses a database whose last signed entry is another", async () => {
    await (await open()).append(leaves.slice(0, 10));
    const other = [...leaves.slice(0, 9), utf8Bytes("another"), ...leaves.slice(10, 12)];
    const signed = store.checkpoint;
    await expect((await open()).recover(database(other))).rejects.toMatchObject({ code: "ledger/forked" });
    expect(store.checkpoint).toBe(signed);
  });

  it("refuses a database that cannot hand over what it counted", async () => {
    const source: LeafSource = { count: async () => 5, read: async () => [] };
    await expect((await open()).recover(source)).rejects.toMatchObject({ code: "ledger/missing-leaves" });
    await (await open()).append(leaves.slice(0, 2));
    await expect((await open()).recover(source)).rejects.toMatchObject({ code: "ledger/missing-leaves" });
  });
});
