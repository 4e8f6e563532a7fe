/** Part of the store suite: events, and the indices that the sequencer gives them. */
import type { EventRecord } from "@safeconduct/exchange";
import { expect, test } from "vitest";
import { anEvent, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

export function storeEventsSuite(store: StoreOfTest): void {
  const add = (...events: readonly EventRecord[]) =>
    store().transaction(async (tx) => {
      const numbers: number[] = [];
      for (const event of events) numbers.push(await tx.addEvent(event));
      return numbers;
    });
  const sequence = (limit: number) => store().transaction((tx) => tx.sequenceEvents(limit));
  const leaves = (from: number, limit: number) => store().read((view) => view.leavesFrom(from, limit));
  const waiting = (limit: number) => store().read((view) => view.waitingEvents(limit));
  const count = () => store().read((view) => view.sequencedCount());

  test("a new ledger is empty", async () => {
    expect(await count()).toBe(0);
    expect(await leaves(0, 10)).toEqual([]);
    expect(await sequence(10)).toEqual([]);
    expect(await store().read((view) => view.eventsOf(unknownId("transfer")))).toEqual([]);
  });

  test("numbers grow, and an id is taken once", async () => {
    const events = [anEvent(), anEvent(), anEvent()] as const;
    const numbers = [...(await add(events[0])), ...(await add(events[1], events[2]))];
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    await expect(add(anEvent({ id: events[1].id }))).rejects.toMatchObject({ code: "store/conflict" });
    expect(await sequence(10)).toHaveLength(3);
  });

  test("an event that has no index yet is not seen", async () => {
    const transfer = unknownId("transfer");
    await add(anEvent({ transfer }));
    expect(await leaves(0, 10)).toEqual([]);
    expect(await store().read((view) => view.eventsOf(transfer))).toEqual([]);
    expect(await count()).toBe(0);
  });

  test("what waits for its index is told in the order of commits, and no longer once it has one", async () => {
    const events = Array.from({ length: 4 }, () => anEvent());
    await add(...events);
    expect(await waiting(10)).toEqual(events);
    expect(await waiting(2)).toEqual(events.slice(0, 2));
    await sequence(3);
    expect(await waiting(10)).toEqual(events.slice(3));
    await sequence(3);
    expect(await waiting(10)).toEqual([]);
  });

  test("what is erased keeps its leaf and its place, sequenced or not, and nothing else loses a word", async () => {
    const transfer = unknownId("transfer");
    const [ours, theirs, waiting] = [
      anEvent({ transfer }),
      anEvent({ transfer: unknownId("transfer") }),
      anEvent({ transfer }),
    ];
    await add(ours, theirs);
    await sequence(10);
    await add(waiting);
    const erase = () => store().transaction((tx) => tx.eraseEvents(transfer));
    expect(await erase()).toBe(2);
    expect(await erase()).toBe(0);
    await sequence(10);
    await store().scrub();
    const gone = { body: null, salt: null, member: null, outcome: null };
    expect(await leaves(0, 10)).toEqual([
      { ...ours, ...gone, index: 0 },
      { ...theirs, index: 1 },
      { ...waiting, ...gone, index: 2 },
    ]);
  });

  test("indices follow numbers without gaps, batch by batch", async () => {
    const events = Array.from({ length: 7 }, () => anEvent());
    const numbers = await add(...events);
    const batches = [await sequence(3), await sequence(3), await sequence(3), await sequence(3)];
    expect(batches.map((batch) => batch.length)).toEqual([3, 3, 1, 0]);
    expect(batches.flat()).toEqual(events.map((event, index) => ({ ...event, index, number: numbers[index] })));
    expect(await count()).toBe(7);
    const later = anEvent();
    const [number] = await add(later);
    expect(await sequence(3)).toEqual([{ ...later, index: 7, number }]);
  });

  test("leaves come from an index on, in order, at most as many as asked for", async () => {
    const events = Array.from({ length: 5 }, () => anEvent());
    await add(...events);
    await sequence(4);
    const expected = events.slice(0, 4).map((event, index) => ({ ...event, index }));
    expect(await leaves(0, 100)).toEqual(expected);
    expect(await leaves(0, 3)).toEqual(expected.slice(0, 3));
    expect(await leaves(2, 1)).toEqual(expected.slice(2, 3));
    expect(await leaves(3, 5)).toEqual(expected.slice(3));
    expect(await leaves(4, 5)).toEqual([]);
  });

  test("events of a transfer come in ledger order, without other transfers'", async () => {
    const [mine, other] = [unknownId("transfer"), unknownId("transfer")];
    const events = [mine, other, null, mine, mine].map((transfer, at) => anEvent({ transfer, at: 9000 - at }));
    await add(...events);
    await sequence(4);
    const ids = (await store().read((view) => view.eventsOf(mine))).map((event) => [event.index, event.id]);
    expect(ids).toEqual([
      [0, events[0]?.id],
      [3, events[3]?.id],
    ]);
  });

  test("all fields come back, set and null, erased ones too", async () => {
    const full = anEvent({
      organisation: unknownId("organisation"),
      transfer: unknownId("transfer"),
      grant: unknownId("grant"),
      member: unknownId("member"),
      outcome: "grant/code-refused",
      type: "grant/released",
    });
    const erased = anEvent({ body: null, salt: null, member: null, outcome: null });
    await add(full, erased);
    await sequence(10);
    expect(await leaves(0, 10)).toEqual([
      { ...full, index: 0 },
      { ...erased, index: 1 },
    ]);
  });

  test("an event whose transaction is rejected takes no index", async () => {
    const [before, after] = [anEvent(), anEvent()];
    await add(before);
    await store()
      .transaction(async (tx) => {
        await tx.addEvent(anEvent());
        throw new Error("changed its mind");
      })
      .catch(() => {});
    await add(after);
    expect((await sequence(10)).map((event) => [event.index, event.id])).toEqual([
      [0, before.id],
      [1, after.id],
    ]);
  });

  test("a sequencing that is rejected gives its indices back", async () => {
    const event = anEvent();
    const [number] = await add(event);
    await store()
      .transaction(async (tx) => {
        await tx.sequenceEvents(10);
        throw new Error("changed its mind");
      })
      .catch(() => {});
    expect(await count()).toBe(0);
    expect(await sequence(10)).toEqual([{ ...event, index: 0, number }]);
  });

  test("commits in parallel with two sequencers: every event gets exactly one index and none is left out", async () => {
    const events = Array.from({ length: 60 }, () => anEvent());
    const given: number[] = [];
    let isAdding = true;
    const sequenceOn = async () => {
      // One more round after the last commit, so that nothing is left.
      for (let rounds = 1; rounds > 0; rounds -= isAdding ? 0 : 1) {
        given.push(...(await sequence(7)).map((event) => event.index));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const sequencing = Promise.all([sequenceOn(), sequenceOn()]);
    await Promise.all(events.map((event) => add(event)));
    isAdding = false;
    await sequencing;
    for (let batch = await sequence(7); batch.length > 0; batch = await sequence(7)) {
      given.push(...batch.map((event) => event.index));
    }
    const places = events.map((_, index) => index);
    expect(given.sort((a, b) => a - b)).toEqual(places);
    const stored = await leaves(0, 1000);
    expect(stored.map((event) => event.index)).toEqual(places);
    expect(new Set(stored.map((event) => event.id))).toEqual(new Set(events.map((event) => event.id)));
  });
}
