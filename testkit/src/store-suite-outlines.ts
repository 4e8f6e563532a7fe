/** Part of the store suite: what searches look at. */
import type { GrantRecord, TransferRecord } from "@safeconduct/exchange";
import { expect, test } from "vitest";
import { aClinic, aMember, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

type Clinic = Awaited<ReturnType<typeof aClinic>>;
const PAGE = { limit: 100, after: null, before: null as number | null, troubled: false };

/** What makes an open link a trouble, one thing each. */
const TROUBLES = {
  suspended: { suspendedAt: 5 },
  "without a delivered code": { codeUndeliveredAt: 5 },
  locked: { factorFailures: 10 },
  "reported to be wrong": { problemKind: "missing-file", problemReportedAt: 5, problemReports: 1 },
} satisfies Record<string, Partial<GrantRecord>>;

/** What was one, and is dealt with. */
const SETTLED = { ...TROUBLES["reported to be wrong"], problemSettledAt: 6 };

export function storeOutlinesSuite(store: StoreOfTest): void {
  const outlines = (clinic: Clinic, page: Partial<typeof PAGE> = {}) =>
    store().read((view) => view.transferOutlines(clinic.organisation.id, { ...PAGE, ...page }));
  const add = (...pairs: readonly (readonly [TransferRecord, ...(readonly GrantRecord[])])[]) =>
    store().transaction(async (tx) => {
      for (const [transfer, ...grants] of pairs) {
        await tx.addTransfer(transfer);
        for (const grant of grants) await tx.addGrant(grant);
      }
    });

  test("outlines go from the newest to the oldest, meet without gap or repetition, and start before a moment", async () => {
    const [clinic, other] = [await aClinic(store()), await aClinic(store())];
    const transfers = [1000, 3000, 2000, 2000, 1000].map((createdAt) => clinic.transfer({ createdAt }));
    await add(...transfers.map((transfer) => [transfer] as const), [other.transfer()]);
    const expected = [1, 3, 2, 4, 0].map((index) => transfers[index]);
    expect(await outlines(clinic)).toEqual(
      expected.map((transfer) => ({
        id: transfer?.id,
        member: clinic.member.id,
        state: "active",
        createdAt: transfer?.createdAt,
      })),
    );
    for (const limit of [1, 2, 3]) {
      const seen: string[] = [];
      for (;;) {
        const after = (seen.at(-1) as TransferRecord["id"] | undefined) ?? null;
        const page = await store().read((view) =>
          view.transferOutlines(clinic.organisation.id, { ...PAGE, limit, after }),
        );
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
      }
      expect(seen).toEqual(expected.map((transfer) => transfer?.id));
    }
    expect((await outlines(clinic, { before: 2000 })).map(({ id }) => id)).toEqual([
      transfers[4]?.id,
      transfers[0]?.id,
    ]);
    const after = other.transfer().id;
    expect(await store().read((view) => view.transferOutlines(clinic.organisation.id, { ...PAGE, after }))).toEqual([]);
  });

  test("recipients come with the transfers that were asked for, senders' own grants and other transfers' do not", async () => {
    const clinic = await aClinic(store());
    const [one, two, three] = [clinic.transfer(), clinic.transfer(), clinic.transfer()];
    await add(
      [one, clinic.grant(one, { kind: "sender", address: "" }), clinic.grant(one, { address: "a@x.example" })],
      [two, clinic.grant(two, { address: "b@x.example", name: "B", recipientOrganisation: "X", state: "used" })],
      [three, clinic.grant(three)],
    );
    const found = await store().read((view) => view.recipientOutlines([one.id, two.id, unknownId("transfer")]));
    expect([...found].sort((a, b) => (a.address < b.address ? -1 : 1))).toEqual([
      { transfer: one.id, address: "a@x.example", name: null, recipientOrganisation: null, state: "pending" },
      { transfer: two.id, address: "b@x.example", name: "B", recipientOrganisation: "X", state: "used" },
    ]);
    expect(await store().read((view) => view.recipientOutlines([]))).toEqual([]);
  });

  test.each(Object.entries(TROUBLES))("a transfer with an open link that is %s is troubled", async (_name, trouble) => {
    const clinic = await aClinic(store());
    const [open, ended, calm] = [clinic.transfer(), clinic.transfer(), clinic.transfer()];
    await add(
      [open, clinic.grant(open), clinic.grant(open, trouble)],
      [ended, clinic.grant(ended, { ...trouble, state: "revoked" })],
      [calm, clinic.grant(calm, { factorFailures: 9, ...SETTLED }), clinic.grant(calm, { ...trouble, kind: "sender" })],
    );
    expect((await outlines(clinic, { troubled: true })).map(({ id }) => id)).toEqual([open.id]);
    expect(await store().read((view) => view.troubledCount(clinic.organisation.id, { limit: 5 }))).toBe(1);
  });

  test("a transfer with a standing hold is troubled; one whose hold was lifted, or a neighbour's, is not", async () => {
    const [clinic, neighbour] = [await aClinic(store()), await aClinic(store())];
    const [held, lifted, foreign] = [clinic.transfer(), clinic.transfer(), neighbour.transfer()];
    await add(
      [held, clinic.grant(held, TROUBLES.locked)],
      [lifted],
      [foreign, neighbour.grant(foreign, TROUBLES.locked)],
    );
    await store().transaction(async (tx) => {
      await tx.addHold(clinic.hold(held));
      await tx.addHold(clinic.hold(held, { reason: "litigation" }));
      await tx.addHold(clinic.hold(lifted, { liftedAt: 2000 }));
      await tx.addHold(neighbour.hold(foreign));
    });
    expect((await outlines(clinic, { troubled: true })).map(({ id }) => id)).toEqual([held.id]);
    expect(await outlines(clinic, { troubled: true, before: 1000 })).toEqual([]);
    expect(await store().read((view) => view.troubledCount(clinic.organisation.id, { limit: 5 }))).toBe(1);
  });

  test("one sender's come without anybody else's, and a count stops at its limit", async () => {
    const clinic = await aClinic(store());
    const colleague = aMember({ organisation: clinic.organisation.id, address: "other@clinic.example" });
    await store().transaction((tx) => tx.addMember(colleague));
    const transfers = [1, 2, 3].map(() => clinic.transfer());
    const theirs = clinic.transfer({ member: colleague.id });
    await add(...transfers.map((transfer) => [transfer, clinic.grant(transfer, TROUBLES.suspended)] as const), [
      theirs,
      clinic.grant(theirs, TROUBLES.suspended),
    ]);
    const { member } = clinic.of;
    const count = (of: { limit: number; member?: typeof member }) =>
      store().read((view) => view.troubledCount(clinic.organisation.id, of));
    expect(await Promise.all([2, 3, 4].map((limit) => count({ limit, member })))).toEqual([2, 3, 3]);
    expect(await Promise.all([3, 4, 5].map((limit) => count({ limit })))).toEqual([3, 4, 4]);
    const own = await store().read((view) => view.transferOutlines(clinic.organisation.id, { ...PAGE, member }));
    expect(own.map(({ id }) => id)).toEqual(transfers.toReversed().map(({ id }) => id));
    const behind = { ...PAGE, member, after: theirs.id };
    expect(await store().read((view) => view.transferOutlines(clinic.organisation.id, behind))).toEqual([]);
    expect(await outlines(clinic, { troubled: true })).toHaveLength(4);
  });
}
