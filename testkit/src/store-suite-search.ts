/** Part of the store suite: how searches go along events, and what they find links and members by. */
import type { EventRecord, EventWalk } from "@safeconduct/exchange";
import { expect, test } from "vitest";
import { aClinic, anEvent, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const END = { at: 1_000_000, number: 0 };

export function storeSearchSuite(store: StoreOfTest): void {
  const add = (...events: readonly EventRecord[]) =>
    store().transaction(async (tx) => {
      for (const event of events) await tx.addEvent(event);
      await tx.sequenceEvents(1000);
    });
  const found = async (walk: EventWalk, page: { before?: typeof END; since?: number; limit?: number } = {}) =>
    store().read((view) => view.walkEvents(walk, { before: END, since: 0, limit: 100, ...page }));
  const ids = async (...asked: Parameters<typeof found>) => (await found(...asked)).map(({ id }) => id);

  test("along time: newest first, equal times by their commits, without other organisations'", async () => {
    const organisation = unknownId("organisation");
    const [early, late, same] = [500, 900, 900].map((at) => anEvent({ organisation, at })) as [
      EventRecord,
      EventRecord,
      EventRecord,
    ];
    const own = anEvent({ organisation: null, at: 700 });
    await add(late, early, anEvent({ organisation: unknownId("organisation") }), same, own);
    expect(await ids({ along: "time", organisation })).toEqual([same.id, late.id, early.id]);
    expect(await ids({ along: "time", organisation: null })).toEqual([own.id]);
  });

  test("a walk goes on where it was left, whatever came meanwhile, and stops where it is to stop", async () => {
    const organisation = unknownId("organisation");
    const events = [100, 200, 200, 200, 300].map((at) => anEvent({ organisation, at }));
    await add(...events);
    const walk = { along: "time", organisation } as const;
    const first = await found(walk, { limit: 2 });
    await add(anEvent({ organisation, at: 400 }));
    const last = first[1];
    const rest = await ids(walk, { before: last ?? END });
    expect([...first.map(({ id }) => id), ...rest]).toEqual([4, 3, 2, 1, 0].map((at) => events[at]?.id));
    expect(await ids(walk, { since: 200, before: { at: 300, number: 0 } })).toEqual(
      [3, 2, 1].map((at) => events[at]?.id),
    );
  });

  test("an event comes whole, with its index and number, and not before it has them", async () => {
    const organisation = unknownId("organisation");
    const event = anEvent({ organisation, member: unknownId("member"), outcome: "grant/code-refused" });
    await store().transaction((tx) => tx.addEvent(event));
    expect(await found({ along: "time", organisation })).toEqual([]);
    await add();
    expect(await found({ along: "time", organisation })).toMatchObject([{ ...event, index: 0 }]);
  });

  test("along type, member and refusals: only those", async () => {
    const [organisation, member] = [unknownId("organisation"), unknownId("member")];
    const released = anEvent({ organisation, type: "grant/released" });
    const acted = anEvent({ organisation, member });
    const refused = anEvent({ organisation, outcome: "grant/code-refused" });
    const erased = anEvent({ organisation, outcome: null, body: null, salt: null });
    await add(released, acted, refused, erased, anEvent({ type: "grant/released" }));
    expect(await ids({ along: "type", organisation, type: "grant/released" })).toEqual([released.id]);
    expect(await ids({ along: "member", organisation, member })).toEqual([acted.id]);
    expect(await ids({ along: "refused", organisation })).toEqual([refused.id]);
  });

  test("along an address: what happened to its links in this organisation, however it is written", async () => {
    const clinic = await aClinic(store());
    const other = await aClinic(store());
    const transfer = clinic.transfer();
    const grant = clinic.grant(transfer, { address: "A.Lindqvist@north.example" });
    const foreign = other.grant(other.transfer(), { address: "a.lindqvist@north.example" });
    const theirs = other.transfer({ id: foreign.transfer });
    const own = clinic.grant(transfer, { kind: "sender", address: "" });
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      await tx.addTransfer(theirs);
      for (const each of [own, grant, foreign]) await tx.addGrant(each);
    });
    const event = anEvent({ organisation: clinic.organisation.id, grant: grant.id });
    await add(event, anEvent({ grant: foreign.id }), anEvent({ grant: own.id }));
    const organisation = clinic.organisation.id;
    expect(await ids({ along: "address", organisation, address: "a.lindqvist@NORTH.example" })).toEqual([event.id]);
    expect(await ids({ along: "address", organisation, address: "lindqvist@north.example" })).toEqual([]);
    expect(await ids({ along: "address", organisation, address: "" })).toEqual([]);
  });

  test("along a recipient's organisation: the links that name it, however it is written", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    const north = clinic.grant(transfer, { recipientOrganisation: "Northlake Cardiology" });
    const nowhere = clinic.grant(transfer, { recipientOrganisation: null });
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      for (const each of [north, nowhere]) await tx.addGrant(each);
    });
    const organisation = clinic.organisation.id;
    const event = anEvent({ organisation, grant: north.id });
    await add(event, anEvent({ organisation, grant: nowhere.id }));
    const along = (name: string) => ids({ along: "recipient-organisation", organisation, name });
    expect(await along("NORTHLAKE cardiology")).toEqual([event.id]);
    expect(await along("Northlake")).toEqual([]);
    expect(await along("")).toEqual([]);
  });

  test("a member is found by address in the own organisation alone", async () => {
    const [clinic, other] = [await aClinic(store()), await aClinic(store())];
    const by = (organisation: typeof clinic.organisation.id, address: string) =>
      store().read((view) => view.findMemberByAddress(organisation, address));
    expect(await by(clinic.organisation.id, clinic.member.address.toUpperCase())).toEqual(clinic.member);
    expect(await by(clinic.organisation.id, other.member.address)).toEqual(
      other.member.address === clinic.member.address ? clinic.member : null,
    );
    expect(await by(clinic.organisation.id, "nobody@clinic.example")).toBeNull();
  });

  test("open links: those whose time is not over, the next to end first", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    const grants = [
      clinic.grant(transfer, { notAfter: 3000 }),
      clinic.grant(transfer, { notAfter: 2000, state: "used" }),
      clinic.grant(transfer, { notAfter: 1000 }),
      clinic.grant(transfer, { notAfter: 4000, state: "revoked" }),
      clinic.grant(transfer, { notAfter: 4000, kind: "sender", address: "" }),
    ];
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      for (const grant of grants) await tx.addGrant(grant);
    });
    const open = (skip: number, limit: number) =>
      store().read((view) => view.openGrants(clinic.organisation.id, { now: 1000, skip, limit }));
    expect(await open(0, 10)).toEqual([grants[1], grants[0]]);
    expect(await open(1, 10)).toEqual([grants[0]]);
    expect(await open(0, 1)).toEqual([grants[1]]);
    expect(
      await store().read((view) => view.openGrants(unknownId("organisation"), { now: 0, skip: 0, limit: 9 })),
    ).toEqual([]);
  });
}
