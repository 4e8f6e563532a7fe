import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId, Problem, type TransferId } from "@safeconduct/foundation";
import {
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  SCENE_START,
  sealedTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { recipientOf } from "../grants/confirm-address.ts";
import { release } from "../grants/release.ts";
import { DRAFT_LIFE_MS } from "../transfers/limits.ts";
import { abandonTransfer, revokeGrant, revokeTransfer } from "../transfers/revoke.ts";
import { destroyDueOf } from "./destruction.ts";
import { sweep } from "./sweep.ts";

const crypto = cheapCrypto(nodeCrypto());
const HOUR_MS = 3_600_000;
const TWO = ["a@x.example", "b@x.example"].map((address) => ({ address, name: null }));
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const transferOf = async (id: TransferId) => known(await scene.store.read((view) => view.findTransfer(id)));
const stateOf = async (id: TransferId) => (await transferOf(id)).state;
const callsSince = (mark: number) => scene.watch.calls.slice(mark);

describe("expiry", () => {
  test("comes at the end to the millisecond, and destruction after the grace period", async () => {
    const { id, sent } = await sealedTransfer(scene, desk);
    scene.clock.set(sent.notAfter - 1);
    await scene.sweep(HOUR_MS);
    expect(await stateOf(id)).toBe("active");
    scene.clock.set(sent.notAfter);
    await scene.sweep(HOUR_MS);
    expect(await transferOf(id)).toMatchObject({ state: "expired", destroyDueAt: sent.notAfter + HOUR_MS });
    expect((await scene.entries(id)).slice(-2)).toEqual(["grant/expired", "transfer/expired"]);
    scene.clock.set(sent.notAfter + HOUR_MS - 1);
    await scene.sweep(HOUR_MS);
    expect(await stateOf(id)).toBe("expired");
    scene.clock.set(sent.notAfter + HOUR_MS);
    await scene.sweep(HOUR_MS);
    expect(await stateOf(id)).toBe("destroyed");
  });

  test("ends the verification sessions of its grant", async () => {
    const { grant, sent } = await sealedTransfer(scene, desk, { lifeMs: 60_000 });
    const { bearer } = await scene.confirmed(grant);
    scene.clock.set(sent.notAfter);
    await scene.sweep(HOUR_MS);
    expect(await recipientOf(scene.deps, { grant, bearer })).toBeNull();
  });

  test("that came while nobody was running is caught up in one sweep", async () => {
    const { id } = await sealedTransfer(scene, desk);
    scene.clock.advance(30 * 24 * HOUR_MS);
    await scene.sweep();
    expect(await stateOf(id)).toBe("destroyed");
    expect((await scene.entries(id)).slice(-3)).toEqual(["grant/expired", "transfer/expired", "transfer/destroyed"]);
  });

  test("takes the transfer with the last grant, not before", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    await revokeGrant(scene.deps, desk.caller, { transfer: id, grant: known(grants[0]) });
    expect(await stateOf(id)).toBe("active");
    scene.clock.advance(24 * HOUR_MS);
    await scene.sweep(HOUR_MS);
    expect(await stateOf(id)).toBe("expired");
  });
});

describe("destruction", () => {
  test("shreds the shares, then deletes the blob, then says so", async () => {
    const { id } = await sealedTransfer(scene, desk);
    await revokeTransfer(scene.deps, desk.caller, id);
    const mark = scene.watch.calls.length;
    await scene.sweep();
    const calls = callsSince(mark);
    const order = [calls.indexOf("keys.shred"), calls.indexOf("blobs.delete"), calls.indexOf("tiles.writeTiles")];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    expect(await transferOf(id)).toMatchObject({ state: "destroyed", destroyedAt: SCENE_START });
    expect(await scene.store.read((view) => view.partsOf(id))).toEqual([]);
    const grants = await scene.store.read((view) => view.grantsOf(id));
    expect(grants.map(({ destroyedAt }) => destroyedAt)).toEqual([SCENE_START, SCENE_START]);
  });

  test("happens once: a second sweep does nothing", async () => {
    const { id } = await sealedTransfer(scene, desk);
    await revokeTransfer(scene.deps, desk.caller, id);
    await scene.sweep();
    const [mark, size] = [scene.watch.calls.length, scene.ledger.size];
    await scene.sweep();
    expect(callsSince(mark).filter((call) => /^(keys|blobs|tiles)\./.test(call))).toEqual([]);
    expect(scene.ledger.size).toBe(size);
  });

  test("by two sweeps at once has one entry", async () => {
    const { id } = await sealedTransfer(scene, desk, { recipients: TWO });
    scene.clock.advance(25 * HOUR_MS);
    await Promise.all([scene.sweep(), scene.sweep(), scene.sweep()]);
    const entries = await scene.entries(id);
    expect(entries.filter((type) => type === "transfer/destroyed")).toHaveLength(1);
    expect(entries.filter((type) => type === "grant/expired")).toHaveLength(2);
  });

  test("waits for the last reader of a capped grant", async () => {
    const { id, grant, grants } = await sealedTransfer(scene, desk, { releaseCap: 1, recipients: TWO });
    const caller = await scene.confirmed(grant);
    await release(scene.deps, caller, (await crypto.hpke.generateKeyPair()).publicKey);
    expect(await stateOf(id)).toBe("active");
    scene.clock.advance(HOUR_MS);
    await scene.sweep();
    expect(known(await scene.store.read((view) => view.findGrant(grant))).destroyedAt).toBe(SCENE_START + HOUR_MS);
    const status = await scene.keys.status({ organisation: desk.organisation.id, transfers: [id], grants });
    expect(status.grants.map(({ state }) => state)).toEqual(["shredded", "active"]);
  });
});

describe("a draft", () => {
  test.each([
    [DRAFT_LIFE_MS - 1, "draft"],
    [DRAFT_LIFE_MS, "draft"],
    [DRAFT_LIFE_MS + 1, "destroyed"],
  ])("that nobody sealed for %i ms is then: %s", async (age, state) => {
    const { id } = await filledDraft(scene, desk);
    scene.clock.advance(age);
    await scene.sweep();
    expect(await stateOf(id)).toBe(state);
  });
});

describe("a failure", () => {
  const FAILURES = [
    ["before", "keys.shred", "keys"],
    ["after", "keys.shred", "keys"],
    ["before", "blobs.delete", "blobs"],
    ["after", "blobs.delete", "blobs"],
    ["before", "tiles.writeTiles", "tiles"],
    ["after", "tiles.writeTiles", "tiles"],
    ["before", "tiles.writeCheckpoint", "tiles"],
    ["after", "tiles.writeCheckpoint", "tiles"],
    ["before", "store.transaction", "store"],
    ["after", "store.transaction", "store"],
    ["before", "store.read", "store"],
  ] as const;

  test.each(FAILURES)("%s %s is told, and the next sweep finishes with each entry once", async (when, call, port) => {
    const both = await sealedTransfer(scene, desk, { recipients: TWO });
    const revoked = await sealedTransfer(scene, desk, { recipients: TWO });
    const draft = await filledDraft(scene, desk);
    await revokeGrant(scene.deps, desk.caller, { transfer: revoked.id, grant: revoked.grant });
    scene.clock.advance(25 * HOUR_MS);
    scene.watch[when](call, () => {
      throw scene.outage(port);
    });
    expect(await outcomeOf(scene.sweep())).not.toBe("done");
    scene.watch.clear();
    await scene.sweep();
    for (const { id } of [both, revoked, draft]) expect(await stateOf(id)).toBe("destroyed");
    expect(await scene.storedBlobs()).toEqual([]);
    const entries = await scene.entries();
    const count = (type: string) => entries.filter((each) => each === type).length;
    expect({
      expired: count("grant/expired"),
      transfers: count("transfer/expired"),
      abandoned: count("transfer/abandoned"),
      destroyed: count("transfer/destroyed"),
    }).toEqual({ expired: 3, transfers: 2, abandoned: 1, destroyed: 3 });
    expect(scene.ledger.size).toBe(entries.length);
  });

  test("of deletion leaves the blob unreadable and the transfer not yet destroyed", async () => {
    const { id } = await sealedTransfer(scene, desk);
    await revokeTransfer(scene.deps, desk.caller, id);
    scene.watch.before("blobs.delete", () => {
      throw scene.outage("blobs");
    });
    expect(await outcomeOf(scene.sweep())).toBe("storage/full");
    expect(await stateOf(id)).toBe("revoked");
    expect(await scene.entries(id)).not.toContain("transfer/destroyed");
    const status = await scene.keys.status({ organisation: desk.organisation.id, transfers: [id], grants: [] });
    expect(known(status.transfers[0]).state).toBe("shredded");
  });

  test("of one item does not keep the others waiting", async () => {
    const ids: TransferId[] = [];
    for (let count = 0; count < 3; count++) ids.push((await filledDraft(scene, desk)).id);
    for (const id of ids) await abandonTransfer(scene.deps, desk.caller, id);
    scene.watch.before("blobs.delete", () => {
      scene.watch.clear();
      throw scene.outage("blobs");
    });
    expect(await outcomeOf(scene.sweep())).toBe("storage/full");
    expect(await Promise.all(ids.map(stateOf))).toEqual(["abandoned", "destroyed", "destroyed"]);
  });

  test("of a whole batch does not keep the next one waiting", async () => {
    const { draft } = await filledDraft(scene, desk);
    const model = await transferOf(draft.transfer);
    await scene.store.transaction(async (tx) => {
      for (let count = 0; count < 201; count++) {
        const id = `trf_${"a".repeat(22)}${[2, 1, 0].map((place) => "abcdefg"[Math.floor(count / 7 ** place) % 7]).join("")}a`;
        await tx.addTransfer({
          ...model,
          id: id as TransferId,
          state: "abandoned",
          destroyDueAt: SCENE_START - 201 + count,
        });
      }
    });
    let calls = 0;
    scene.watch.before("blobs.delete", () => {
      if (++calls <= 200) throw scene.outage("blobs");
    });
    expect(await outcomeOf(scene.sweep())).toBe("storage/full");
    expect((await scene.entries()).filter((type) => type === "transfer/destroyed")).toHaveLength(1);
  });
});

describe("many at once", () => {
  /** Transfers with one recipient each, like one that was sealed, without the work of sealing them. */
  async function many(count: number, fields: { notAfter: number; destroyDueAt?: number }): Promise<TransferId[]> {
    const { id, grant } = await sealedTransfer(scene, desk);
    const model = await scene.store.read(async (view) => ({
      transfer: known(await view.findTransfer(id)),
      grant: known(await view.findGrant(grant)),
    }));
    const ids = Array.from({ length: count }, () => drawId("transfer", scene.random));
    const { notAfter, destroyDueAt = null } = fields;
    await scene.store.transaction(async (tx) => {
      for (const transfer of ids) {
        const state = destroyDueAt === null ? "active" : "revoked";
        await tx.addTransfer({ ...model.transfer, id: transfer, state, destroyDueAt });
        const grantState = destroyDueAt === null ? "pending" : "revoked";
        await tx.addGrant({
          ...model.grant,
          id: drawId("grant", scene.random),
          transfer,
          notAfter,
          endsAt: notAfter,
          state: grantState,
        });
      }
    });
    return ids;
  }
  const soon = () => scene.clock.now() + 1000;

  test("end and are destroyed with few transactions, few new rings, and an entry each", async () => {
    const ids = await many(230, { notAfter: soon() });
    scene.clock.advance(1000);
    const mark = scene.watch.calls.length;
    await scene.sweep();
    const calls = callsSince(mark);
    expect(calls.filter((call) => call === "keys.shred").length).toBeLessThanOrEqual(10);
    expect(calls.filter((call) => call === "store.transaction").length).toBeLessThanOrEqual(60);
    const entries = await scene.entries();
    for (const type of ["grant/expired", "transfer/expired", "transfer/destroyed"])
      expect(entries.filter((each) => each === type)).toHaveLength(ids.length);
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(["destroyed"]));
  });

  test("keep no other kind of work waiting", async () => {
    await many(230, { notAfter: soon() });
    await many(1, { notAfter: soon() + HOUR_MS, destroyDueAt: SCENE_START });
    scene.clock.advance(1000);
    await scene.sweep(HOUR_MS);
    const entries = await scene.entries();
    expect(entries.indexOf("transfer/destroyed")).toBeGreaterThan(0);
    expect(entries.indexOf("transfer/destroyed")).toBeLessThan(entries.lastIndexOf("grant/expired"));
  });

  test("while the key service is away end all the same, and it is asked once, not once for each", async () => {
    const ids = await many(230, { notAfter: soon() });
    scene.clock.advance(1000);
    scene.watch.before("keys.shred", () => {
      throw scene.outage("keys");
    });
    const mark = scene.watch.calls.length;
    expect(await outcomeOf(scene.sweep())).toBe("keys/unavailable");
    expect(callsSince(mark).filter((call) => call === "keys.shred")).toHaveLength(1);
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(["expired"]));
  });

  test("are left for the next turn when time is over, and then done", async () => {
    const ids = await many(230, { notAfter: soon() });
    scene.clock.advance(1000);
    scene.watch.before("store.transaction", () => scene.clock.advance(100));
    const turn = () => sweep(scene.deps, { expiryGraceMs: HOUR_MS, budgetMs: 500 });
    expect(await turn()).toBe(true);
    const ended = (await scene.entries()).filter((type) => type === "grant/expired").length;
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(ids.length);
    for (let turns = 0; await turn(); turns++) expect(turns).toBeLessThan(20);
    expect((await scene.entries()).filter((type) => type === "grant/expired")).toHaveLength(ids.length);
  });

  test("of which one spoils the batch are done without it", async () => {
    const ids = await many(3, { notAfter: soon() });
    scene.clock.advance(1000);
    let calls = 0;
    scene.watch.before("keys.shred", () => {
      // The batch, then the half with the second, then the second alone.
      if ([1, 3, 4].includes(++calls)) throw new Problem("keys/unknown", "Not ours.");
    });
    expect(await outcomeOf(scene.sweep())).toBe("keys/unknown");
    expect((await Promise.all(ids.map(stateOf))).toSorted()).toEqual(["destroyed", "destroyed", "expired"]);
  });
});

describe("while the key service's clocks disagree", () => {
  test("nothing is destroyed by time, and what somebody ordered is", async () => {
    const expired = await sealedTransfer(scene, desk);
    const capped = await sealedTransfer(scene, desk, { releaseCap: 1, recipients: TWO });
    await release(scene.deps, await scene.confirmed(capped.grant), (await crypto.hpke.generateKeyPair()).publicKey);
    const left = await filledDraft(scene, desk);
    scene.clock.jump(30 * 24 * HOUR_MS);
    const [revoked, givenUp] = [await sealedTransfer(scene, desk), await filledDraft(scene, desk)];
    const [first] = revoked.grants;
    expect(await outcomeOf(scene.sweep())).toBe("keys/clock-stopped");
    await revokeTransfer(scene.deps, desk.caller, revoked.id);
    await abandonTransfer(scene.deps, desk.caller, givenUp.id);
    expect(await outcomeOf(scene.sweep())).toBe("keys/clock-stopped");

    const states = await Promise.all([expired, capped, left, revoked, givenUp].map(({ id }) => stateOf(id)));
    expect(states).toEqual(["expired", "expired", "abandoned", "destroyed", "destroyed"]);
    const transfers = [expired.id, capped.id, left.id, revoked.id, givenUp.id];
    const status = await scene.keys.status({ organisation: desk.organisation.id, transfers, grants: [known(first)] });
    expect(status.transfers.map(({ state }) => state)).toEqual(["active", "active", "active", "shredded", "shredded"]);
    expect(status.grants.map(({ state }) => state)).toEqual(["shredded"]);
  });

  test("what is due waits, and is destroyed once the clock is set right and its time has come again", async () => {
    const { id } = await sealedTransfer(scene, desk);
    scene.clock.jump(2 * 24 * HOUR_MS);
    expect(await outcomeOf(scene.sweep())).toBe("keys/clock-stopped");
    scene.clock.jump(-2 * 24 * HOUR_MS);
    await scene.sweep();
    expect(await stateOf(id)).toBe("expired");
    scene.clock.advance(2 * 24 * HOUR_MS);
    await scene.sweep();
    expect(await stateOf(id)).toBe("destroyed");
  });

  test("more old drafts than a sweep remembers do not stand in the way of one that is given up", async () => {
    const { id } = await filledDraft(scene, desk);
    const model = await transferOf(id);
    scene.clock.jump(2 * DRAFT_LIFE_MS);
    await scene.store.transaction(async (tx) => {
      for (let count = 0; count < 1100; count++)
        await tx.addTransfer({
          ...model,
          id: drawId("transfer", scene.random),
          state: "abandoned",
          endedAt: scene.clock.now(),
          destroyDueAt: SCENE_START,
        });
    });
    const given = await filledDraft(scene, desk);
    await abandonTransfer(scene.deps, desk.caller, given.id);
    expect(await outcomeOf(scene.sweep())).toBe("keys/clock-stopped");
    expect(await stateOf(given.id)).toBe("destroyed");
  });
});

describe("a hold that only the key service knows", () => {
  test("keeps its own transfer and nothing else of the batch", async () => {
    const several: TransferId[] = [];
    for (let count = 0; count < 5; count++) several.push((await sealedTransfer(scene, desk)).id);
    const held = [several[1], several[4]].map(known);
    for (const transfer of held)
      await scene.keys.hold({ organisation: desk.organisation.id, transfer, hold: drawId("hold", scene.random) });
    scene.clock.advance(25 * HOUR_MS);
    expect(await outcomeOf(scene.sweep())).toBe("keys/held");
    expect(await Promise.all(several.map(stateOf))).toEqual([
      "destroyed",
      "expired",
      "destroyed",
      "destroyed",
      "expired",
    ]);
  });
});

describe("a revocation that did not reach the key service", () => {
  test("is told again when the transfer's time is over, or it could not be destroyed by time", async () => {
    const { id, grant, grants } = await sealedTransfer(scene, desk, { releaseCap: 1, recipients: TWO });
    await release(scene.deps, await scene.confirmed(grant), (await crypto.hpke.generateKeyPair()).publicKey);
    scene.watch.before("keys.suspend", () => {
      throw scene.outage("keys");
    });
    await revokeGrant(scene.deps, desk.caller, { transfer: id, grant: known(grants[1]) });
    scene.watch.clear();
    expect(await stateOf(id)).toBe("expired");
    scene.clock.advance(HOUR_MS);
    await scene.sweep();
    expect(await stateOf(id)).toBe("destroyed");
  });

  test("and nothing else lets time destroy what the key service would still release", async () => {
    const { id, sent } = await sealedTransfer(scene, desk);
    await scene.store.transaction((tx) =>
      tx.updateTransfer(id, { state: "expired", endedAt: SCENE_START, destroyDueAt: SCENE_START }),
    );
    expect(await outcomeOf(scene.sweep())).toBe("keys/not-due");
    scene.clock.set(sent.notAfter);
    await scene.sweep();
    expect(await stateOf(id)).toBe("destroyed");
  });
});

describe("what one transfer has due", () => {
  test("is destroyed at once for whoever ended it, and nothing else is", async () => {
    const [mine, other] = [await sealedTransfer(scene, desk), await sealedTransfer(scene, desk)];
    for (const { id } of [mine, other]) await revokeTransfer(scene.deps, desk.caller, id);
    await destroyDueOf(scene.deps, mine.id);
    await destroyDueOf(scene.deps, mine.id);
    expect([await stateOf(mine.id), await stateOf(other.id)]).toEqual(["destroyed", "revoked"]);
    expect((await scene.entries(mine.id)).filter((type) => type === "transfer/destroyed")).toHaveLength(1);
  });

  test("may be one recipient's share alone, or nothing", async () => {
    const { id, grants } = await sealedTransfer(scene, desk, { recipients: TWO });
    await destroyDueOf(scene.deps, id);
    await destroyDueOf(scene.deps, drawId("transfer", scene.random));
    await revokeGrant(scene.deps, desk.caller, { transfer: id, grant: known(grants[0]) });
    await destroyDueOf(scene.deps, id);
    expect(await stateOf(id)).toBe("active");
    expect((await scene.entries(id)).slice(-2)).toEqual(["grant/revoked", "grant/destroyed"]);
  });
});

describe("sessions and verifications that have ended", () => {
  test("are forgotten", async () => {
    const { grant } = await sealedTransfer(scene, desk, { lifeMs: 48 * HOUR_MS });
    const { bearer } = await scene.confirmed(grant);
    scene.clock.advance(HOUR_MS - 1);
    await scene.sweep();
    expect(await recipientOf(scene.deps, { grant, bearer })).not.toBeNull();
    scene.clock.advance(1);
    await scene.sweep();
    scene.clock.set(SCENE_START);
    expect(await recipientOf(scene.deps, { grant, bearer })).toBeNull();
  });
});
