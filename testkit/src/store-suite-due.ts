/** Part of the store suite: what retention asks, at one millisecond before, at, and one after each moment. */
import type {
  DestructionCause,
  GrantRecord,
  GrantState,
  TransferRecord,
  TransferState,
  View,
} from "@safeconduct/exchange";
import { DRAFT_LIFE_MS } from "@safeconduct/exchange";
import { expect, test } from "vitest";
import { known } from "./known.ts";
import { aClinic } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const LIVE_STATES: readonly GrantState[] = ["pending", "confirmed", "used"];
const ENDED_STATES: readonly GrantState[] = ["expired", "revoked", "capped", "closed"];
const causesOf = (state: GrantState | TransferState): readonly [DestructionCause, DestructionCause] =>
  state === "revoked" || state === "closed" || state === "abandoned" ? ["order", "time"] : ["time", "order"];
const TRANSFER_STATES: readonly TransferState[] = ["draft", "active", "expired", "revoked", "destroyed", "abandoned"];

export function storeDueSuite(store: StoreOfTest): void {
  const idsOf = async (look: (view: View) => Promise<readonly { id: string }[]>) =>
    (await store().read(look)).map((record) => record.id);
  /** Stores the transfers, and the grants each on an active transfer of its own. */
  const withRecords = async ({
    transfers = [],
    grants = [],
  }: {
    transfers?: readonly Partial<TransferRecord>[];
    grants?: readonly (Partial<GrantRecord> & { of?: TransferState })[];
  }) => {
    const clinic = await aClinic(store());
    const stored = transfers.map((fields) => clinic.transfer(fields));
    const granted = grants.map(({ of = "active", ...fields }) => {
      const transfer = clinic.transfer({ state: of });
      return { transfer, grant: clinic.grant(transfer, fields) };
    });
    await store().transaction(async (tx) => {
      for (const transfer of stored) await tx.addTransfer(transfer);
      for (const { transfer, grant } of granted) {
        await tx.addTransfer(transfer);
        await tx.addGrant(grant);
      }
    });
    return { transfers: stored.map(({ id }) => id), grants: granted.map(({ grant }) => grant.id) };
  };

  test("an empty store has nothing due, now or later", async () => {
    await store().read(async (view) => {
      expect(await view.grantsPastEnd(1e12, 10)).toEqual([]);
      for (const cause of ["order", "time"] as const) {
        expect(await view.grantsToDestroy(1e12, 10, cause)).toEqual([]);
        expect(await view.transfersToDestroy(1e12, 10, cause)).toEqual([]);
      }
      expect(await view.draftsOlderThan(1e12, 10)).toEqual([]);
    });
  });

  test.each(LIVE_STATES)("a %s grant is past its end from notAfter on", async (state) => {
    const { grants } = await withRecords({ grants: [{ state, notAfter: 5000 }] });
    expect(await idsOf((view) => view.grantsPastEnd(4999, 10))).toEqual([]);
    expect(await idsOf((view) => view.grantsPastEnd(5000, 10))).toEqual(grants);
    expect(await idsOf((view) => view.grantsPastEnd(5001, 10))).toEqual(grants);
  });

  test("a grant that a receipt closes is past its end before its notAfter", async () => {
    const { grants } = await withRecords({ grants: [{ state: "used", notAfter: 9000, endsAt: 5000 }] });
    expect(await idsOf((view) => view.grantsPastEnd(4999, 10))).toEqual([]);
    expect(await idsOf((view) => view.grantsPastEnd(5000, 10))).toEqual(grants);
  });

  test.each(ENDED_STATES)("a grant that is %s does not end again", async (state) => {
    await withRecords({ grants: [{ state, notAfter: 5000 }] });
    expect(await idsOf((view) => view.grantsPastEnd(9000, 10))).toEqual([]);
  });

  test("the sender's own grant does not end by itself", async () => {
    await withRecords({ grants: [{ kind: "sender", notAfter: 5000 }] });
    expect(await idsOf((view) => view.grantsPastEnd(9000, 10))).toEqual([]);
  });

  test("grants past their end come with the oldest end first, at most as many as asked for", async () => {
    const { grants } = await withRecords({ grants: [7000, 5000, 6000, 5000].map((notAfter) => ({ notAfter })) });
    const expected = [1, 3, 2, 0].map((index) => grants[index]);
    for (const limit of [1, 3, 4, 5]) {
      expect(await idsOf((view) => view.grantsPastEnd(8000, limit))).toEqual(expected.slice(0, limit));
    }
  });

  test.each(ENDED_STATES)(
    "the share of a grant that is %s is to be destroyed from destroyDueAt on, once, by its own cause",
    async (state) => {
      const [cause, other] = causesOf(state);
      const { grants } = await withRecords({ grants: [{ state, destroyDueAt: 5000 }] });
      expect(await idsOf((view) => view.grantsToDestroy(4999, 10, cause))).toEqual([]);
      expect(await idsOf((view) => view.grantsToDestroy(5000, 10, cause))).toEqual(grants);
      expect(await idsOf((view) => view.grantsToDestroy(5001, 10, cause))).toEqual(grants);
      expect(await idsOf((view) => view.grantsToDestroy(9000, 10, other))).toEqual([]);
      await store().transaction(async (tx) => {
        for (const id of grants) await tx.updateGrant(id, { destroyedAt: 5001 });
      });
      expect(await idsOf((view) => view.grantsToDestroy(9000, 10, cause))).toEqual([]);
    },
  );

  test.each(LIVE_STATES)("the share of a %s grant is not destroyed", async (state) => {
    await withRecords({ grants: [{ state, notAfter: 100, destroyDueAt: 5000 }] });
    for (const cause of ["order", "time"] as const)
      expect(await idsOf((view) => view.grantsToDestroy(9000, 10, cause))).toEqual([]);
  });

  test("an ended grant without a date of destruction waits for one", async () => {
    const { grants } = await withRecords({ grants: [{ state: "expired", destroyDueAt: null }] });
    expect(await idsOf((view) => view.grantsToDestroy(1e12, 10, "time"))).toEqual([]);
    await store().transaction(async (tx) => {
      for (const id of grants) await tx.updateGrant(id, { destroyDueAt: 6000 });
    });
    expect(await idsOf((view) => view.grantsToDestroy(6000, 10, "time"))).toEqual(grants);
  });

  test("shares of grants go one by one until their transfer is due itself, or destroyed", async () => {
    const clinic = await aClinic(store());
    const grants = await store().transaction(async (tx) => {
      const made = [];
      for (const fields of [
        { state: "active" },
        { state: "expired", destroyDueAt: 9001 },
        { state: "expired", destroyDueAt: 9000 },
        { state: "destroyed", destroyDueAt: 9001, destroyedAt: 8000 },
      ] as const) {
        const transfer = clinic.transfer(fields);
        const grant = clinic.grant(transfer, { state: "revoked", destroyDueAt: 5000 });
        await tx.addTransfer(transfer);
        await tx.addGrant(grant);
        made.push(grant.id);
      }
      return made;
    });
    expect(await idsOf((view) => view.grantsToDestroy(9000, 10, "order"))).toEqual(grants.slice(0, 2));
  });

  test("nothing of a transfer is to be destroyed while a hold stands on it, and all that is due once it is lifted", async () => {
    const clinic = await aClinic(store());
    const due = clinic.transfer({ state: "expired", destroyDueAt: 5000 });
    const active = clinic.transfer({ state: "active" });
    const ended = clinic.grant(active, { state: "revoked", destroyDueAt: 5000 });
    const holds = [clinic.hold(due), clinic.hold(due), clinic.hold(active)];
    await store().transaction(async (tx) => {
      await tx.addTransfer(due);
      await tx.addTransfer(active);
      await tx.addGrant(ended);
      for (const hold of holds) await tx.addHold(hold);
    });
    expect(await store().read((view) => view.holdsOf(due.id))).toEqual(holds.slice(0, 2));
    expect(await idsOf((view) => view.holdsToTell(2))).toEqual(holds.slice(0, 2).map(({ id }) => id));
    for (const [lifted, transfers, grants] of [
      [holds[0], [], []],
      [holds[1], [due.id], []],
      [holds[2], [due.id], [ended.id]],
    ] as const) {
      await store().transaction((tx) => tx.updateHold(known(lifted).id, { liftedAt: 6000 }));
      expect(await idsOf((view) => view.transfersToDestroy(9000, 10, "time"))).toEqual(transfers);
      expect(await idsOf((view) => view.grantsToDestroy(9000, 10, "order"))).toEqual(grants);
    }
    expect(await idsOf((view) => view.holdsToTell(10))).toEqual([]);
  });

  test("grants to destroy come with the oldest date first, at most as many as asked for", async () => {
    const { grants } = await withRecords({
      grants: [7000, 5000, 6000, 5000].map((destroyDueAt) => ({ state: "capped", destroyDueAt })),
    });
    const expected = [1, 3, 2, 0].map((index) => grants[index]);
    for (const limit of [1, 3, 5]) {
      expect(await idsOf((view) => view.grantsToDestroy(8000, limit, "time"))).toEqual(expected.slice(0, limit));
    }
  });

  test.each(TRANSFER_STATES)(
    "a transfer that is %s is to be destroyed from destroyDueAt on, once, by its own cause",
    async (state) => {
      const [cause, other] = causesOf(state);
      const { transfers } = await withRecords({ transfers: [{ state, destroyDueAt: 5000 }, { state }] });
      const [due] = transfers;
      expect(await idsOf((view) => view.transfersToDestroy(4999, 10, cause))).toEqual([]);
      expect(await idsOf((view) => view.transfersToDestroy(5000, 10, cause))).toEqual([due]);
      expect(await idsOf((view) => view.transfersToDestroy(5001, 10, cause))).toEqual([due]);
      expect(await idsOf((view) => view.transfersToDestroy(9000, 10, other))).toEqual([]);
      await store().transaction(async (tx) => {
        for (const id of transfers) await tx.updateTransfer(id, { destroyedAt: 5001 });
      });
      expect(await idsOf((view) => view.transfersToDestroy(9000, 10, cause))).toEqual([]);
    },
  );

  test("transfers to destroy come with the oldest date first, at most as many as asked for", async () => {
    const { transfers } = await withRecords({
      transfers: [7000, 5000, 6000, 5000].map((destroyDueAt) => ({ destroyDueAt })),
    });
    const expected = [1, 3, 2, 0].map((index) => transfers[index]);
    for (const limit of [1, 3, 5]) {
      expect(await idsOf((view) => view.transfersToDestroy(8000, limit, "time"))).toEqual(expected.slice(0, limit));
    }
  });

  test("an abandoned draft is destroyed by order unless it had lived its whole life", async () => {
    const { transfers } = await withRecords({
      transfers: [-1, 0, 1].map((more) => ({
        state: "abandoned",
        createdAt: 1000,
        endedAt: 1000 + DRAFT_LIFE_MS + more,
        destroyDueAt: 5000 + more,
      })),
    });
    expect(await idsOf((view) => view.transfersToDestroy(9000, 10, "order"))).toEqual(transfers.slice(0, 2));
    expect(await idsOf((view) => view.transfersToDestroy(9000, 10, "time"))).toEqual(transfers.slice(2));
  });

  test("a draft is old once its making lies before the moment asked for", async () => {
    const { transfers } = await withRecords({ transfers: [{ state: "draft", createdAt: 5000 }] });
    expect(await idsOf((view) => view.draftsOlderThan(4999, 10))).toEqual([]);
    expect(await idsOf((view) => view.draftsOlderThan(5000, 10))).toEqual([]);
    expect(await idsOf((view) => view.draftsOlderThan(5001, 10))).toEqual(transfers);
  });

  test("only drafts count as old drafts, oldest first, at most as many as asked for", async () => {
    const { transfers } = await withRecords({
      transfers: [
        ...TRANSFER_STATES.map((state) => ({ state, createdAt: 3000 })),
        { state: "draft", createdAt: 1000 },
        { state: "draft", createdAt: 2000 },
      ],
    });
    const expected = [6, 7, 0].map((index) => transfers[index]);
    for (const limit of [1, 2, 3, 4]) {
      expect(await idsOf((view) => view.draftsOlderThan(9000, limit))).toEqual(expected.slice(0, limit));
    }
  });
}
