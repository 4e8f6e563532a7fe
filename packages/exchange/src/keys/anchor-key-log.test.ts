/** The key service's own log in the main ledger: anchored when it grew, and found out where it went back or another way. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, utf8Bytes } from "@safeconduct/foundation";
import { decodeLeaf, ED25519_KEY, formatVerifierKey, LedgerWriter, makeVerifierKey } from "@safeconduct/ledger";
import { consistencyProof, TreeReader } from "@safeconduct/ledger";
import { cheapCrypto, ExchangeScene, known, MemoryTileStore } from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { anchorKeyLog } from "./anchor-key-log.ts";

const DAY_MS = 86_400_000;
const crypto = cheapCrypto(nodeCrypto());
const { publicKey, privateKey } = await crypto.signatures.generateKeyPair();
const logKey = makeVerifierKey(crypto.sha256, { name: "safeconduct-keys/test", type: ED25519_KEY, publicKey });

/** A log of these leaves, as the key service would answer it. */
async function logOf(leaves: readonly number[], signer = { key: logKey, privateKey }) {
  const store = new MemoryTileStore();
  const writer = await LedgerWriter.open({ ...crypto, store, signer });
  await writer.append(leaves.map((leaf): Bytes => Uint8Array.of(leaf)));
  const tree = new TreeReader({ sha256: crypto.sha256, size: writer.size, readTile: (path) => store.readTile(path) });
  return {
    logCheckpoint: async (oldSize: number) => ({
      checkpoint: writer.checkpointText,
      proof: oldSize > writer.size ? [] : await consistencyProof(tree, oldSize),
    }),
  };
}

let scene: ExchangeScene;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
});

async function anchor(leaves: readonly number[] | Awaited<ReturnType<typeof logOf>>, alarmed: string | null = null) {
  const keys = "logCheckpoint" in leaves ? leaves : await logOf(leaves);
  const { sha256, signatures } = crypto;
  return anchorKeyLog(
    { clock: scene.clock, store: scene.store, perform: scene.deps.perform, keys, sha256, signatures, logKey },
    { alarmed },
  );
}

async function anchors() {
  const events = await scene.store.read((view) => view.leavesFrom(0, 1000));
  return events
    .filter(({ type }) => type === "keys/anchored")
    .map(({ body, leaf }) => ({ ...(JSON.parse(body ?? "") as Anchored), hash: decodeLeaf(leaf).payloadHash }));
}
interface Anchored {
  readonly outcome: string;
  readonly detail: { readonly size: number | null; readonly anchoredSize: number; readonly checkpoint?: string };
}

test("each checkpoint of a log that grew is anchored once, by its hash", async () => {
  expect(await anchor([])).toEqual({ outcome: "unchanged" });
  expect(await anchor([1])).toEqual({ outcome: "anchored" });
  expect(await anchor([1])).toEqual({ outcome: "unchanged" });
  expect(await anchor([1, 2, 3])).toEqual({ outcome: "anchored" });
  const entries = await anchors();
  expect(entries.map(({ outcome, detail: { size, anchoredSize } }) => [outcome, size, anchoredSize])).toEqual([
    ["done", 1, 0],
    ["done", 3, 1],
  ]);
  for (const { hash, detail } of entries) expect(hash).toEqual(crypto.sha256(utf8Bytes(known(detail.checkpoint))));
});

test.each([
  ["is shorter", [1, 2]],
  ["is empty", []],
  ["is as long, and another", [1, 2, 4]],
  ["is longer, and another", [1, 9, 3, 4, 5]],
])("a log that %s is an alarm and an entry, told once, and never anchored", async (_what, other) => {
  await anchor([1, 2, 3]);
  const found = await anchor(other);
  expect(found.outcome).toBe("forked");
  expect((await anchor(other, "told" in found ? found.told : null)).outcome).toBe("forked");
  const entries = await anchors();
  expect(entries.map(({ outcome, detail }) => [outcome, detail.size])).toEqual([
    ["done", 3],
    ["keys/log-forked", other.length],
  ]);
  // What was anchored before still counts: a log that continues it is taken, the other is not.
  expect(await anchor([1, 2, 3, 4])).toEqual({ outcome: "anchored" });
});

test("a checkpoint that the pinned key did not sign, or that is none, is an alarm", async () => {
  const other = await crypto.signatures.generateKeyPair();
  const key = makeVerifierKey(crypto.sha256, { ...logKey, publicKey: other.publicKey });
  expect(formatVerifierKey(key)).not.toBe(formatVerifierKey(logKey));
  expect((await anchor(await logOf([1], { key, privateKey: other.privateKey }))).outcome).toBe("forked");
  expect((await anchor({ logCheckpoint: async () => ({ checkpoint: "nothing", proof: [] }) })).outcome).toBe("forked");
  expect((await anchors()).map(({ detail }) => detail.size)).toEqual([null, null]);
});

test("a proof that does not hold is an alarm", async () => {
  await anchor([1, 2, 3]);
  const longer = await logOf([1, 2, 3, 4, 5]);
  const unproven = { logCheckpoint: async () => ({ ...(await longer.logCheckpoint(3)), proof: [] }) };
  expect((await anchor(unproven)).outcome).toBe("forked");
  expect((await anchor(longer)).outcome).toBe("anchored");
});

test("of two that anchor at once, one writes the entry", async () => {
  const both = await Promise.all([anchor([1]), anchor([1])]);
  expect(both.map(({ outcome }) => outcome).sort()).toEqual(["anchored", "unchanged"]);
  expect(await anchors()).toHaveLength(1);
});

test("in a ledger that stands still the anchor is written again each day, and once", async () => {
  expect(await anchor([])).toEqual({ outcome: "unchanged" });
  await anchor([1, 2]);
  scene.clock.advance(DAY_MS - 1);
  expect(await anchor([1, 2])).toEqual({ outcome: "unchanged" });
  scene.clock.advance(1);
  expect(await anchor([1, 2])).toEqual({ outcome: "anchored" });
  expect(await anchor([1, 2])).toEqual({ outcome: "unchanged" });
  expect((await anchors()).map(({ detail }) => [detail.size, detail.anchoredSize])).toEqual([
    [2, 0],
    [2, 2],
  ]);
});

test("an anchor of an empty log is continued by every log", async () => {
  const desk = await scene.desk();
  await scene.deps.perform(async () => ({
    entries: [{ type: "keys/anchored", actor: { kind: "system" }, organisation: desk.organisation.id }],
    value: undefined,
  }));
  scene.clock.advance(DAY_MS);
  expect(await anchor([])).toEqual({ outcome: "anchored" });
  expect(await anchor([1, 2, 3])).toEqual({ outcome: "anchored" });
});

test("an entry that lies ahead since the server's clock was set right is followed by one of now", async () => {
  await anchor([1]);
  scene.clock.jump(-DAY_MS + 1);
  expect(await anchor([1])).toEqual({ outcome: "unchanged" });
  scene.clock.jump(-1);
  expect(await anchor([1])).toEqual({ outcome: "anchored" });
  expect(await anchor([1])).toEqual({ outcome: "unchanged" });
});

test("an alarm that lasts is told again in a ledger that stands still", async () => {
  await anchor([1, 2, 3]);
  const found = await anchor([1, 2]);
  const told = "told" in found ? found.told : null;
  scene.clock.advance(DAY_MS);
  for (let turn = 0; turn < 3; turn++) expect((await anchor([1, 2], told)).outcome).toBe("forked");
  expect((await anchors()).map(({ outcome }) => outcome)).toEqual(["done", "keys/log-forked", "keys/log-forked"]);
});
