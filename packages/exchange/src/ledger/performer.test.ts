import { nodeCrypto } from "@safeconduct/crypto-node";
import { Problem } from "@safeconduct/foundation";
import { openCheckpoint, TreeReader } from "@safeconduct/ledger";
import { cheapCrypto, ExchangeScene, gate, known, outcomeOf, settle } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Entry } from "./entry.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
});

const entry = (type: Entry["type"] = "member/signed-in"): Entry => ({
  type,
  actor: { kind: "system" },
  organisation: null,
});
const act = (...types: Entry["type"][]) => scene.perform(async () => ({ entries: types.map(entry), value: "answer" }));

/** Whether it is still open once everything else has come to rest. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isOpen = true;
  const close = () => {
    isOpen = false;
  };
  promise.then(close, close);
  await settle();
  return isOpen;
}

const sequenced = () => scene.store.read((view) => view.leavesFrom(0, 10_000));
const treeLeaves = async () => {
  const tree = new TreeReader({
    sha256: crypto.sha256,
    size: scene.ledger.size,
    readTile: (path) => scene.tiles.readTile(path),
  });
  return Promise.all(Array.from({ length: scene.ledger.size }, (_, index) => tree.entry(index)));
};

describe("an answer waits for the checkpoint that covers its entry", () => {
  test.each(["tiles.writeTiles", "tiles.writeCheckpoint"])("while %s runs nothing is answered", async (call) => {
    const held = gate();
    scene.watch.before(call, held.hold);
    const answer = act("member/signed-in");
    await held.arrived;
    expect(await isPending(answer)).toBe(true);
    held.open();
    expect(await answer).toBe("answer");
    const opened = await openCheckpoint(crypto.signatures, known(await scene.tiles.readCheckpoint()), {
      logKey: scene.logKey,
    });
    expect(known(opened).checkpoint.size).toBe(1);
  });

  test("a recorded refusal waits too, and its state stays", async () => {
    const held = gate();
    scene.watch.before("tiles.writeCheckpoint", held.hold);
    const desk = await scene.desk();
    const refused = outcomeOf(
      scene.perform(async (tx) => {
        await tx.revokeToken("tok_none" as never, 1);
        await tx.addOrganisation({ ...desk.organisation, id: `${desk.organisation.id.slice(0, -1)}a` as never });
        return { entries: [entry()], refusal: new Problem("grant/code-refused", "No.") };
      }),
    );
    await held.arrived;
    expect(await isPending(refused)).toBe(true);
    held.open();
    expect(await refused).toBe("grant/code-refused");
    expect(await scene.entries()).toEqual(["member/signed-in"]);
  });

  test("a repeat that changes nothing waits for the entry of the first time", async () => {
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(act("member/signed-in"))).toBe("ledger/unavailable");
    expect(await outcomeOf(act())).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await act()).toBe("answer");
    expect(scene.ledger.size).toBe(1);
  });
});

describe("what was thrown", () => {
  test("leaves nothing behind, neither state nor entry", async () => {
    const desk = await scene.desk();
    const thrown = scene.perform(async (tx) => {
      await tx.updateTransfer("trf_none" as never, {}).catch(() => undefined);
      await tx.addMember({ ...desk.member, id: `${desk.member.id.slice(0, -1)}a` as never });
      throw new Problem("transfer/unknown", "No.");
    });
    expect(await outcomeOf(thrown)).toBe("transfer/unknown");
    expect(await scene.store.read((view) => view.findMember(`${desk.member.id.slice(0, -1)}a` as never))).toBeNull();
    expect(await scene.entries()).toEqual([]);
    expect(scene.ledger.size).toBe(0);
  });

  test("comes out as it is when the database is away", async () => {
    scene.watch.before("store.transaction", () => {
      throw scene.outage("store");
    });
    expect(await outcomeOf(act("member/signed-in"))).toBe("store/unavailable");
    expect(scene.ledger.size).toBe(0);
  });
});

describe("batches", () => {
  test("what arrived while a write ran goes into the next one together, in the order of commits", async () => {
    const held = gate();
    scene.watch.before("tiles.writeTiles", held.hold);
    const first = act("device/enrolled");
    await held.arrived;
    const others = Array.from({ length: 20 }, (_, at) => act(at % 2 === 0 ? "token/created" : "token/revoked"));
    await settle();
    held.open();
    await Promise.all([first, ...others]);
    expect(scene.watch.calls.filter((call) => call === "tiles.writeCheckpoint")).toHaveLength(2);
    expect(await scene.entries()).toEqual([
      "device/enrolled",
      ...others.map((_, at) => (at % 2 === 0 ? "token/created" : "token/revoked")),
    ]);
  });

  test("entries of one act stand together and in its order", async () => {
    await Promise.all([act("grant/revoked", "transfer/revoked"), act("grant/expired", "transfer/expired")]);
    expect(await scene.entries()).toEqual(["grant/revoked", "transfer/revoked", "grant/expired", "transfer/expired"]);
  });

  test("more than one batch's worth that waited through an outage is caught up at once", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    const many = Array.from({ length: 1030 }, () => "token/created" as const);
    expect(await outcomeOf(act(...many))).toBe("ledger/unavailable");
    scene.watch.clear();
    await act("token/revoked");
    expect(scene.ledger.size).toBe(1031);
    expect((await treeLeaves()).map((leaf) => [...leaf])).toEqual((await sequenced()).map(({ leaf }) => [...leaf]));
  });

  test("one wait directly after another is served", async () => {
    await act("token/created");
    await scene.sequencer.settled();
    // Between the last batch and the rest of the drain there is a turn in which the next one may come.
    await scene.sequencer.settled();
    await Promise.all([scene.sequencer.settled(), act("token/revoked")]);
    expect(scene.ledger.size).toBe(2);
  });
});

describe("after a failure of the ledger", () => {
  test.each([
    ["before tiles are written", "before", "tiles.writeTiles"],
    ["after tiles are written", "after", "tiles.writeTiles"],
    ["before the checkpoint is written", "before", "tiles.writeCheckpoint"],
    ["after the checkpoint is written", "after", "tiles.writeCheckpoint"],
  ] as const)("%s nothing is acknowledged, and each entry is appended exactly once later", async (_, when, call) => {
    await act("instance/created");
    scene.watch[when](call, () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(act("device/enrolled"))).toBe("ledger/unavailable");
    expect(await outcomeOf(act("token/created"))).toBe("ledger/unavailable");
    expect(scene.ledgerFailures).toHaveLength(2);
    scene.watch.clear();
    await act("token/revoked");
    expect(await scene.entries()).toEqual(["instance/created", "device/enrolled", "token/created", "token/revoked"]);
    expect((await treeLeaves()).map((leaf) => [...leaf])).toEqual((await sequenced()).map(({ leaf }) => [...leaf]));
  });

  test("everybody who waits for that batch hears of it, and nobody later", async () => {
    const held = gate();
    scene.watch.before("tiles.writeTiles", async () => {
      await held.hold();
      scene.watch.clear();
      throw scene.outage("tiles");
    });
    const first = outcomeOf(act("device/enrolled"));
    await held.arrived;
    const second = outcomeOf(act("token/created"));
    await settle();
    held.open();
    expect(await first).toBe("ledger/unavailable");
    expect(await second).toBe("done");
    expect(await scene.entries()).toEqual(["device/enrolled", "token/created"]);
  });

  test("indices have no gap and no entry stands twice", async () => {
    for (let round = 0; round < 10; round++) {
      scene.watch.before(round % 2 === 0 ? "tiles.writeTiles" : "tiles.writeCheckpoint", () => {
        if (round % 3 !== 0) throw scene.outage("tiles");
      });
      await Promise.allSettled([act("token/created"), act("token/revoked", "device/enrolled")]);
      scene.watch.clear();
    }
    await act("instance/created");
    const events = await sequenced();
    expect(events.map(({ index }) => index)).toEqual(events.map((_, at) => at));
    expect(new Set(events.map(({ id }) => id)).size).toBe(31);
    expect((await treeLeaves()).map((leaf) => [...leaf])).toEqual(events.map(({ leaf }) => [...leaf]));
  });
});
