/** The room of an organisation: taken whole at the draft, never twice, and given back with the blob. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  outcomeOf,
  type PreparedTransfer,
  prepareTransfer,
} from "@safeconduct/testkit";
import { beforeEach, expect, test } from "vitest";
import { sweep } from "../retention/sweep.ts";
import { draftTransfer } from "./draft-transfer.ts";
import { DRAFT_LIFE_MS } from "./limits.ts";
import { abandonTransfer } from "./revoke.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
let prepared: PreparedTransfer;
let size: number;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  prepared = await prepareTransfer(scene, desk);
  size = prepared.draft.blobLengthBytes;
});

const draft = (quotaBytes: number | null, of: PreparedTransfer = prepared, by: Desk = desk) =>
  outcomeOf(draftTransfer({ ...scene.deps, quotaBytes }, by.caller, of.draft));
const sweepNow = () => sweep(scene.deps, { expiryGraceMs: 0 });

test.for([
  ["one byte more than it needs", 1, "done"],
  ["exactly what it needs", 0, "done"],
  ["one byte less", -1, "transfer/over-quota"],
] as const)("a transfer with %s of room", async ([, spare, outcome]) => {
  expect(await draft(size + spare)).toBe(outcome);
});

test("nothing reaches the key service of a transfer that has no room", async () => {
  await draft(size - 1);
  expect(scene.watch.calls.filter((call) => call.startsWith("keys.add"))).toEqual([]);
  expect(await scene.entries()).toEqual([]);
});

test("the refusal says in sizes what is asked for and what is left", async () => {
  const asked = draftTransfer({ ...scene.deps, quotaBytes: 100 * 2 ** 10 }, desk.caller, {
    ...prepared.draft,
    blobLengthBytes: 3 * 2 ** 30,
  });
  await expect(asked).rejects.toThrow("It needs 3.0 GiB; 100.0 KiB of 100.0 KiB are left.");
});

test("of twenty at once for the last room one gets it", async () => {
  const others = await Promise.all(Array.from({ length: 20 }, () => prepareTransfer(scene, desk)));
  const widest = Math.max(...others.map((other) => other.draft.blobLengthBytes));
  const outcomes = await Promise.all(others.map((other) => draft(widest, other)));
  expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "transfer/over-quota")).toHaveLength(19);
});

test("the same draft again needs no room of its own", async () => {
  expect(await draft(size)).toBe("done");
  expect(await draft(size)).toBe("done");
});

test("another organisation's transfers take nothing of it", async () => {
  const other = await scene.desk();
  expect(await draft(size, await prepareTransfer(scene, other), other)).toBe("done");
  expect(await draft(size)).toBe("done");
});

test("an upload that its sender gives up gives its room back once the blob is gone", async () => {
  await draft(size);
  await abandonTransfer(scene.deps, desk.caller, prepared.id);
  const next = await prepareTransfer(scene, desk);
  expect(await draft(size, next)).toBe("transfer/over-quota");
  await sweepNow();
  expect(await draft(size, next)).toBe("done");
});

test("an upload that nobody finishes gives its room back after a day", async () => {
  await draft(size);
  scene.clock.advance(DRAFT_LIFE_MS);
  await sweepNow();
  const early = await prepareTransfer(scene, desk);
  expect(await draft(size, early)).toBe("transfer/over-quota");
  scene.clock.advance(1);
  await sweepNow();
  expect(await draft(size, await prepareTransfer(scene, desk))).toBe("done");
});
