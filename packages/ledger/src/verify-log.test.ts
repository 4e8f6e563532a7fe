import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, utf8Bytes, utf8Text } from "@safeconduct/foundation";
import { MemoryTileStore, known } from "@safeconduct/testkit";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint.ts";
import { withCosignatures } from "./cosigning.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { cosignNote, parseNote } from "./note.ts";
import { COSIGNATURE_KEY, ED25519_KEY, makeVerifierKey, type NoteSigner } from "./note-keys.ts";
import { type LogCopy, verifyLog } from "./verify-log.ts";
import { policyOfAll } from "./witness-policy.ts";

const { sha256, signatures } = nodeCrypto();
const leaves = Array.from({ length: 700 }, (_, i) => utf8Bytes(`leaf ${i}`));
const EARLIER = [0, 1, 255, 256, 300, 512, 700];
let signer: NoteSigner;
let intact: MemoryTileStore;
let checkpointText: string;
const earlierTexts = new Map<number, string>();

let store: MemoryTileStore;
let copy: LogCopy;

beforeAll(async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  signer = {
    key: makeVerifierKey(sha256, { name: "clinic.example/ledger", type: ED25519_KEY, publicKey }),
    privateKey,
  };
  intact = new MemoryTileStore();
  const writer = await LedgerWriter.open({ sha256, signatures, store: intact, signer });
  for (const size of EARLIER) {
    await writer.append(leaves.slice(writer.size, size));
    earlierTexts.set(size, writer.checkpointText);
  }
  checkpointText = writer.checkpointText;
});

beforeEach(() => {
  store = intact.copy();
  copy = { readTile: (path) => store.readTile(path), checkpointText, logKey: signer.key };
});

const verify = (changed: Partial<LogCopy> = {}) => verifyLog({ sha256, signatures }, { ...copy, ...changed });

/** Flips one bit of a stored tile. */
function damage(path: string, at: number): void {
  const bytes = known(store.tiles.get(path));
  store.tiles.set(path, bytes.with(at, (bytes[at] ?? 0) ^ 1));
}

/** What a tree of other entries would look like under the same key. */
async function forkedCheckpoint(size: number): Promise<string> {
  const forked = await LedgerWriter.open({ sha256, signatures, store: new MemoryTileStore(), signer });
  await forked.append(leaves.slice(0, size).with(0, utf8Bytes("rewritten")));
  return forked.checkpointText;
}

describe("a full copy of a log", () => {
  it("verifies, and shows every entry once and in order", async () => {
    const seen: string[] = [];
    const onEntry = (index: number, entry: Bytes) => {
      expect(index).toBe(seen.length);
      seen.push(utf8Text(entry) ?? "");
    };
    expect(await verify({ onEntry, earlierText: earlierTexts.get(300) ?? "" })).toMatchObject({ ok: true });
    expect(seen).toEqual(leaves.map((leaf) => utf8Text(leaf)));
  });

  it.each(EARLIER)("contains the checkpoint seen at %d entries", async (size) => {
    expect(await verify({ earlierText: earlierTexts.get(size) ?? "" })).toMatchObject({
      ok: true,
      checkpoint: { size: 700 },
    });
  });

  it("of no entries verifies", async () => {
    const empty = earlierTexts.get(0) ?? "";
    expect(await verify({ checkpointText: empty, readTile: async () => null })).toMatchObject({ ok: true });
  });

  it("verifies where partial tiles were dropped for full ones", async () => {
    for (const path of store.tiles.keys()) {
      if (/\.p\//.test(path) && store.tiles.has(path.slice(0, path.indexOf(".p/")))) store.tiles.delete(path);
    }
    expect(await verify({ earlierText: earlierTexts.get(300) ?? "" })).toMatchObject({ ok: true });
  });
});

describe("a copy that does not hold", () => {
  it.each([
    ["a flipped bit in a full tile", "tile/0/000", 77, "tile-mismatch"],
    ["a flipped bit in the last byte of a full tile", "tile/0/001", 8191, "tile-mismatch"],
    ["a flipped bit in a partial tile", "tile/0/002.p/188", 0, "tile-mismatch"],
    ["a flipped bit in a tile above", "tile/1/000.p/2", 40, "tile-mismatch"],
  ])("has %s", async (_, path, at, failure) => {
    damage(path, at);
    expect(await verify()).toEqual({ ok: false, failure, path });
  });

  it("has an entry changed: the leaf hash above it tells", async () => {
    damage("tile/entries/001", 5);
    expect(await verify()).toEqual({ ok: false, failure: "tile-mismatch", path: "tile/0/001" });
  });

  it("has an entry and all hashes above changed: the signed root tells", async () => {
    const forked = new MemoryTileStore();
    const writer = await LedgerWriter.open({ sha256, signatures, store: forked, signer });
    await writer.append(leaves.with(5, utf8Bytes("rewritten")));
    expect(await verify({ readTile: (path) => forked.readTile(path) })).toEqual({
      ok: false,
      failure: "root-mismatch",
    });
  });

  it.each(["tile/entries/000", "tile/entries/002.p/188", "tile/0/001", "tile/1/000.p/2"])("lacks %s", async (path) => {
    store.tiles.delete(path);
    expect(await verify()).toEqual({ ok: false, failure: "tile-unreadable", path });
  });

  it.each(["tile/entries/000", "tile/0/000", "tile/0/002.p/188"])("has %s cut short or drawn out", async (path) => {
    const bytes = known(store.tiles.get(path));
    store.tiles.set(path, bytes.slice(0, -1));
    expect(await verify()).toEqual({ ok: false, failure: "tile-unreadable", path });
    store.tiles.set(path, new Uint8Array([...bytes, 0]));
    expect(await verify()).toEqual({ ok: false, failure: "tile-unreadable", path });
  });

  it("is shorter than what was seen before", async () => {
    const shorter = earlierTexts.get(300) ?? "";
    const verdict = await verify({ checkpointText: shorter, earlierText: checkpointText });
    expect(verdict).toEqual({ ok: false, failure: "rolled-back" });
  });

  it.each([1, 255, 256, 300])("no longer contains what was seen at %d entries", async (size) => {
    const verdict = await verify({ earlierText: await forkedCheckpoint(size) });
    expect(verdict).toEqual({ ok: false, failure: "earlier-root-mismatch" });
  });

  it("has a checkpoint that the key did not sign", async () => {
    expect(await verify({ checkpointText: checkpointText.replace("\n700\n", "\n699\n") })).toEqual({
      ok: false,
      failure: "checkpoint-refused",
    });
    expect(await verify({ earlierText: "not a note" })).toEqual({ ok: false, failure: "earlier-checkpoint-refused" });
  });

  it("has a signed checkpoint larger than its tiles", async () => {
    const larger = await signCheckpoint(signatures, { origin: signer.key.name, size: 2 ** 50, root: sha256() }, signer);
    expect(await verify({ checkpointText: larger })).toMatchObject({ ok: false });
  });

  it("fails loudly when reading itself fails", async () => {
    const readTile = async () => Promise.reject(new Error("connection reset"));
    await expect(verify({ readTile })).rejects.toThrow("connection reset");
  });
});

describe("witnesses of a log", async () => {
  const { publicKey, privateKey } = await signatures.generateKeyPair();
  const key = makeVerifierKey(sha256, { name: "witness.example/w1", type: COSIGNATURE_KEY, publicKey });
  const policy = policyOfAll([key]);
  const cosigned = async (text: string) => {
    const note = known(parseNote(text));
    return withCosignatures(text, [
      await cosignNote(signatures, { text: note.text, timestamp: 1_764_000_000, signer: { key, privateKey } }),
    ]);
  };

  it("are named with what they saw, on the newest checkpoint or on an earlier one", async () => {
    const newest = await cosigned(checkpointText);
    expect(await verify({ policy, checkpointText: newest })).toMatchObject({
      ok: true,
      witnesses: [{ timestamp: 1_764_000_000 }],
      witnessedSize: 700,
    });
    const witnessedText = await cosigned(earlierTexts.get(300) ?? "");
    const earlierText = earlierTexts.get(512) ?? "";
    expect(await verify({ policy, witnessedText, earlierText })).toMatchObject({
      ok: true,
      witnesses: [{ key: { name: "witness.example/w1" } }],
      witnessedSize: 300,
      checkpoint: { size: 700 },
    });
  });

  it("are missed where they are demanded", async () => {
    expect(await verify({ policy })).toEqual({ ok: false, failure: "witnesses-missing" });
    const witnessedText = earlierTexts.get(300) ?? "";
    expect(await verify({ policy, witnessedText })).toEqual({ ok: false, failure: "witnesses-missing" });
  });

  it("find a log that shows others another history", async () => {
    const witnessedText = await cosigned(await forkedCheckpoint(300));
    expect(await verify({ policy, witnessedText })).toEqual({ ok: false, failure: "earlier-root-mismatch" });
  });

  it("find a log that was cut", async () => {
    const witnessedText = await cosigned(checkpointText);
    expect(await verify({ policy, witnessedText, checkpointText: earlierTexts.get(512) ?? "" })).toEqual({
      ok: false,
      failure: "rolled-back",
    });
  });

  it("are not believed when one line is forged", async () => {
    const text = (await cosigned(checkpointText)).replace(/.{6}=\n$/, "AAAAAA=\n");
    expect(text).not.toBe(await cosigned(checkpointText));
    expect(await verify({ policy, checkpointText: text })).toEqual({ ok: false, failure: "checkpoint-refused" });
  });
});
