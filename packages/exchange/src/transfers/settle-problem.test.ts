/** A recipient's report is dealt with: who may say so, of which report, and what raises it again. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, type GrantId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  confirmedFor,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  type SealedTransfer,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RecipientCaller } from "../callers.ts";
import { reportProblem } from "../grants/report-problem.ts";
import { eraseTransfer } from "../retention/erase.ts";
import { revokeTransfer } from "./revoke.ts";
import { attentionCount } from "./search-transfers.ts";
import { settleProblem } from "./settle-problem.ts";

const crypto = cheapCrypto(nodeCrypto());
type Kind = Parameters<typeof reportProblem>[2]["kind"];
let scene: ExchangeScene;
let sender: Desk;
let sealed: SealedTransfer;
let recipient: RecipientCaller;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  sender = await scene.desk(undefined, ["sender"]);
  sealed = await sealedTransfer(scene, sender);
  recipient = await confirmedFor(scene, sealed);
});

const report = (kind: Kind) => outcomeOf(reportProblem(scene.deps, recipient, { kind }));
const settle = (reports: number, by: Desk = sender, grant: GrantId = sealed.grant) =>
  outcomeOf(settleProblem(scene.deps, by.caller, { transfer: sealed.id, grant, reports }));
const attention = () => attentionCount(scene.deps, sender.caller);
const settledAt = async () =>
  known((await scene.store.read((view) => view.findGrant(sealed.grant))) ?? undefined).problemSettledAt;
const count = async (type: string) => (await scene.entries(sealed.id)).filter((each) => each === type).length;

test("a report that is dealt with needs no attention, and the next one does, also of the same kind", async () => {
  await report("missing-file");
  expect([await attention(), await settledAt()]).toEqual([1, null]);
  expect(await settle(1)).toBe("done");
  expect([await attention(), await settledAt()]).toEqual([0, scene.clock.now()]);
  expect(await report("missing-file")).toBe("done");
  expect([await attention(), await settledAt()]).toEqual([1, null]);
  expect(await settle(2)).toBe("done");
  expect(await attention()).toBe(0);
  expect([await count("grant/problem-reported"), await count("grant/problem-settled")]).toEqual([2, 2]);
});

test("in two tabs, and twenty times at once, it is one entry", async () => {
  await report("other");
  expect(await Promise.all(Array.from({ length: 20 }, () => settle(1)))).toEqual(Array(20).fill("done"));
  expect(await settle(1)).toBe("done");
  expect(await count("grant/problem-settled")).toBe(1);
});

test("a report that came between look and mark is not marked away", async () => {
  await report("cannot-open");
  await report("wrong-patient");
  expect(await settle(1)).toBe("grant/report-changed");
  expect([await attention(), await count("grant/problem-settled")]).toEqual([1, 0]);
  expect(await settle(2)).toBe("done");
});

test("a tab that shows what was dealt with before marks nothing of what was reported since", async () => {
  await report("cannot-open");
  await settle(1);
  await report("cannot-open");
  expect(await settle(1)).toBe("grant/report-changed");
  expect(await attention()).toBe(1);
});

test("report and mark in the same moment leave the new report standing, whichever is first", async () => {
  await report("cannot-open");
  const outcomes = await Promise.all([settle(1), report("wrong-person"), settle(1)]);
  expect(outcomes[1]).toBe("done");
  expect([await attention(), await settledAt()]).toEqual([1, null]);
});

test("what was never reported, or not yet, cannot be dealt with", async () => {
  for (const reports of [0, 1, 2]) expect(await settle(reports)).toBe("grant/report-changed");
  await report("other");
  expect(await settle(2)).toBe("grant/report-changed");
  expect(await count("grant/problem-settled")).toBe(0);
});

test("the report of a link that ended can be marked until it is erased", async () => {
  await report("wrong-patient");
  await revokeTransfer(scene.deps, sender.caller, sealed.id);
  await scene.sweep();
  expect(await settle(1)).toBe("done");
  const officer = await scene.desk(sender.organisation, ["compliance-officer"]);
  await eraseTransfer(scene.deps, officer.caller, sealed.id);
  expect([await settle(1), await settledAt()]).toEqual(["grant/report-changed", null]);
});

test("a mark whose entry cannot be written is not acknowledged, and asking again makes it whole", async () => {
  await report("other");
  scene.watch.before("tiles.writeCheckpoint", () => {
    throw scene.outage("tiles");
  });
  expect(await settle(1)).toBe("ledger/unavailable");
  scene.watch.clear();
  expect(await settle(1)).toBe("done");
  expect(await count("grant/problem-settled")).toBe(1);
});

describe("a report is marked by nobody but", () => {
  beforeEach(async () => {
    await report("other");
  });

  test("its sender and compliance officers", async () => {
    const outcomes = [];
    for (const role of ["sender", "reviewer", "administrator"] as const)
      outcomes.push(await settle(1, await scene.desk(sender.organisation, [role])));
    expect(outcomes).toEqual(["transfer/unknown", "permission/refused", "permission/refused"]);
    expect(await settle(1, await scene.desk())).toBe("transfer/unknown");
    expect(await count("grant/problem-settled")).toBe(0);
    expect(await settle(1, await scene.desk(sender.organisation, ["compliance-officer"]))).toBe("done");
  });

  test("by the id of a recipient of this transfer", async () => {
    const other = await sealedTransfer(scene, sender);
    const theirs = await confirmedFor(scene, other);
    await reportProblem(scene.deps, theirs, { kind: "other" });
    const [own] = await scene.store.read((view) => view.grantsOf(sealed.id));
    const ids = [other.grant, known(own).id, drawId("grant", crypto.random)];
    for (const id of ids) expect(await settle(1, sender, id)).toBe("grant/unknown");
    expect(await attention()).toBe(2);
  });
});
