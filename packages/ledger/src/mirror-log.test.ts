import { nodeCrypto } from "@safeconduct/crypto-node";
import { utf8Bytes } from "@safeconduct/foundation";
import { known, MemoryTileStore } from "@safeconduct/testkit";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LedgerWriter } from "./ledger-writer.ts";
import { type MirrorSource, type MirrorVerdict, mirrorLog } from "./mirror-log.ts";
import { ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { verifyLog } from "./verify-log.ts";

const { sha256, signatures } = nodeCrypto();
const ports = { sha256, signatures };
const SIZES = [0, 5, 300, 512, 4_100];
const leaves = Array.from({ length: 4_100 }, (_, i) => utf8Bytes(`leaf ${i}`));
let signer: NoteSigner;
let intact: MemoryTileStore;
const texts = new Map<number, string>();
let store: MemoryTileStore;
let copy: MemoryTileStore;

async function grown(entries: readonly Uint8Array[], note?: (size: number, text: string) => void) {
  const target = new MemoryTileStore();
  const writer = await LedgerWriter.open({ ...ports, store: target, signer });
  for (const size of SIZES) {
    await writer.append(entries.slice(writer.size, size) as never);
    note?.(size, writer.checkpointText);
  }
  return target;
}

beforeAll(async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  const key = makeVerifierKey(sha256, { name: "clinic.example/ledger", type: ED25519_KEY, publicKey });
  signer = { key, privateKey };
  intact = await grown(leaves, (size, text) => texts.set(size, text));
});
beforeEach(() => {
  store = intact.copy();
  copy = new MemoryTileStore();
});

const source = (size: number, from: MemoryTileStore = store): MirrorSource => ({
  readTile: (path) => from.readTile(path),
  checkpointText: known(texts.get(size)),
  logKey: signer.key,
});
const mirror = (size: number, from?: MemoryTileStore) => mirrorLog(ports, source(size, from), copy);
const holds = async () =>
  verifyLog(ports, {
    readTile: (path) => copy.readTile(path),
    checkpointText: known(await copy.readCheckpoint()),
    logKey: signer.key,
  });

describe("a copy of a log", () => {
  it("grows with it, in whatever steps, and verifies by itself", async () => {
    for (const [size, added] of [
      [0, 0],
      [5, 5],
      [5, 0],
      [300, 295],
      [4_100, 3_800],
    ] as const) {
      expect(await mirror(size)).toMatchObject({ ok: true, checkpoint: { size }, added });
      expect(await holds()).toMatchObject({ ok: true, checkpoint: { size } });
    }
  });

  it("is made at once, too", async () => {
    expect(await mirror(4_100)).toMatchObject({ ok: true, added: 4_100 });
    expect(await holds()).toMatchObject({ ok: true });
  });
});

describe("nothing is written when", () => {
  /** Why it was refused, and whether the copy is as it was. */
  const refusal = async (attempt: () => Promise<MirrorVerdict>) => {
    const before = new Map(copy.tiles);
    const verdict = await attempt();
    expect(copy.tiles).toEqual(before);
    return verdict.ok ? null : verdict.failure;
  };
  const damage = (from: MemoryTileStore, path: string) => {
    const bytes = known(from.tiles.get(path));
    from.tiles.set(path, bytes.with(9, (bytes[9] ?? 0) ^ 1));
  };

  it("an entry that is served was changed", async () => {
    await mirror(300);
    damage(store, "tile/entries/003");
    expect(await refusal(() => mirror(4_100))).toBe("root-mismatch");
  });

  it("a bundle is missing", async () => {
    store.tiles.delete("tile/entries/003");
    expect(await refusal(() => mirror(4_100))).toBe("tile-unreadable");
  });

  it("the log was written anew", async () => {
    await mirror(300);
    const forged = await grown(leaves.with(1, utf8Bytes("never happened")));
    const rewritten = { ...source(4_100, forged), checkpointText: known(await forged.readCheckpoint()) };
    expect(await refusal(() => mirrorLog(ports, rewritten, copy))).toBe("root-mismatch");
  });

  it("the log has become smaller", async () => {
    await mirror(512);
    expect(await refusal(() => mirror(300))).toBe("rolled-back");
  });

  it("the checkpoint is not the log's", async () => {
    const text = known(texts.get(300)).replace("\n300\n", "\n301\n");
    expect(await refusal(() => mirrorLog(ports, { ...source(300), checkpointText: text }, copy))).toBe(
      "checkpoint-refused",
    );
  });

  it("the copy itself was damaged", async () => {
    await mirror(300);
    damage(copy, "tile/0/001.p/44");
    expect(await refusal(() => mirror(512))).toBe("copy-damaged");
  });

  it("the second reading is not the first", async () => {
    let reads = 0;
    const path = "tile/entries/003";
    const fickle: MirrorSource = {
      ...source(4_100),
      readTile: (asked) => {
        if (asked === path && ++reads === 2) damage(store, path);
        return store.readTile(asked);
      },
    };
    expect(await refusal(() => mirrorLog(ports, fickle, copy))).toBe("tile-unreadable");
  });
});
