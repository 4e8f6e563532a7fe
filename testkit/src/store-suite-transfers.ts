/** Part of the store suite: transfers, their pages and their parts. */
import { randomBytes } from "node:crypto";
import type { TransferRecord } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, aDevice, aMember, anOrganisation, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const bytes = (length: number) => copyBytes(randomBytes(length));
const part = (number: number, sizeBytes = 1 << 20) => ({ number, sizeBytes, sha256: bytes(32) });

export function storeTransfersSuite(store: StoreOfTest): void {
  const find = (transfer: TransferRecord) => store().read((view) => view.findTransfer(transfer.id));

  test("what is not there is null or empty", async () => {
    await store().read(async (view) => {
      expect(await view.findTransfer(unknownId("transfer"))).toBeNull();
      expect(await view.partsOf(unknownId("transfer"))).toEqual([]);
      expect(await view.transfersOf(unknownId("organisation"), { limit: 10, after: null })).toEqual([]);
    });
  });

  test("a transfer comes back as it was added, with and without its optional fields", async () => {
    const clinic = await aClinic(store());
    const bare = clinic.transfer();
    const full = clinic.transfer({ ...ALL_SET, state: "destroyed" });
    await store().transaction(async (tx) => {
      await tx.addTransfer(bare);
      await tx.addTransfer(full);
      await expect(tx.addTransfer(clinic.transfer({ id: bare.id }))).rejects.toMatchObject({ code: "store/conflict" });
    });
    expect(await find(bare)).toEqual(bare);
    expect(await find(full)).toEqual(full);
  });

  test("what an organisation keeps is the sum of what is not destroyed, drafts included, and nobody else's", async () => {
    const [one, other] = [await aClinic(store()), await aClinic(store())];
    const kept = () => store().read((view) => view.keptBytes(one.organisation.id));
    expect(await kept()).toBe(0);
    const draft = one.transfer({ state: "draft", blobLengthBytes: 5 });
    await store().transaction(async (tx) => {
      await tx.addTransfer(draft);
      await tx.addTransfer(one.transfer({ state: "active", blobLengthBytes: 2 ** 40 }));
      await tx.addTransfer(one.transfer({ state: "expired", blobLengthBytes: 7, destroyedAt: null }));
      await tx.addTransfer(one.transfer({ state: "destroyed", blobLengthBytes: 100, destroyedAt: 1 }));
      await tx.addTransfer(other.transfer({ blobLengthBytes: 1000 }));
    });
    expect(await kept()).toBe(2 ** 40 + 12);
    await store().transaction((tx) => tx.updateTransfer(draft.id, { destroyedAt: 2 }));
    expect(await kept()).toBe(2 ** 40 + 7);
  });

  test("every transfer comes once when all are read page by page, whoever's it is", async () => {
    const [one, other] = [await aClinic(store()), await aClinic(store())];
    const transfers = [one.transfer(), other.transfer(), one.transfer(), other.transfer(), one.transfer()];
    await store().transaction(async (tx) => {
      for (const transfer of transfers) await tx.addTransfer(transfer);
    });
    const read: TransferRecord[] = [];
    for (;;) {
      const page = await store().read((view) => view.transfersAfter(read.at(-1)?.id ?? null, 2));
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(2);
      read.push(...page);
    }
    expect(read).toEqual([...transfers].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test.each(Object.entries(ALL_SET))(
    "a change of %s alone goes in and back out and leaves the rest",
    async (field, value) => {
      const clinic = await aClinic(store());
      const transfer = clinic.transfer();
      const other = clinic.transfer();
      await store().transaction(async (tx) => {
        await tx.addTransfer(transfer);
        await tx.addTransfer(other);
        await tx.updateTransfer(transfer.id, { [field]: value });
      });
      expect(await find(transfer)).toEqual({ ...transfer, [field]: value });
      const before = transfer[field as keyof TransferRecord];
      await store().transaction((tx) => tx.updateTransfer(transfer.id, { [field]: before }));
      expect(await find(transfer)).toEqual(transfer);
      expect(await find(other)).toEqual(other);
    },
  );

  test("an empty change changes nothing", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      await tx.updateTransfer(transfer.id, {});
    });
    expect(await find(transfer)).toEqual(transfer);
  });

  test("pages go from the newest to the oldest and meet without gap or repetition, ties included", async () => {
    const clinic = await aClinic(store());
    const times = [1000, 3000, 2000, 2000, 2000, 1000, 3000];
    const transfers = times.map((createdAt) => clinic.transfer({ createdAt }));
    await store().transaction(async (tx) => {
      for (const transfer of transfers) await tx.addTransfer(transfer);
    });
    const expected = [6, 1, 4, 3, 2, 5, 0].map((index) => transfers[index]?.id);
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      const seen: TransferRecord[] = [];
      for (;;) {
        const after = seen.at(-1)?.id ?? null;
        const page = await store().read((view) => view.transfersOf(clinic.organisation.id, { limit, after }));
        expect(page.length).toBeLessThanOrEqual(limit);
        if (page.length === 0) break;
        seen.push(...page);
      }
      expect(seen.map((transfer) => transfer.id)).toEqual(expected);
    }
  });

  test("pages of one sender hold theirs alone, and go on after one of theirs only", async () => {
    const clinic = await aClinic(store());
    const colleague = aMember({ organisation: clinic.organisation.id });
    const device = aDevice({ organisation: clinic.organisation.id, member: colleague.id });
    const [first, theirs, second] = [
      clinic.transfer({ createdAt: 1 }),
      clinic.transfer({ createdAt: 2, member: colleague.id, device: device.id }),
      clinic.transfer({ createdAt: 3 }),
    ];
    await store().transaction(async (tx) => {
      await tx.addMember(colleague);
      await tx.addDevice(device);
      for (const transfer of [first, theirs, second]) await tx.addTransfer(transfer);
    });
    const page = (after: TransferRecord | null, member = clinic.member.id) =>
      store().read((view) => view.transfersOf(clinic.organisation.id, { limit: 5, after: after?.id ?? null, member }));
    expect(await page(null)).toEqual([second, first]);
    expect(await page(second)).toEqual([first]);
    expect(await page(theirs)).toEqual([]);
    expect(await page(null, colleague.id)).toEqual([theirs]);
  });

  test("a page after a transfer that is unknown or another organisation's is empty", async () => {
    const clinic = await aClinic(store());
    const neighbour = anOrganisation();
    const foreign = clinic.transfer({ organisation: neighbour.id });
    await store().transaction(async (tx) => {
      await tx.addOrganisation(neighbour);
      await tx.addTransfer(foreign);
      await tx.addTransfer(clinic.transfer({ createdAt: 500 }));
    });
    for (const after of [foreign.id, unknownId("transfer")]) {
      expect(await store().read((view) => view.transfersOf(clinic.organisation.id, { limit: 5, after }))).toEqual([]);
    }
  });

  test("parts come by their number, and one that is saved again is replaced", async () => {
    const clinic = await aClinic(store());
    const [transfer, other] = [clinic.transfer(), clinic.transfer()];
    const [tenth, second, first, again, foreign] = [part(10), part(2), part(1), part(2, 5), part(1)];
    await store().transaction(async (tx) => {
      await tx.addTransfer(transfer);
      await tx.addTransfer(other);
      for (const one of [tenth, second, first]) await tx.savePart(transfer.id, one);
      await tx.savePart(other.id, foreign);
    });
    await store().transaction((tx) => tx.savePart(transfer.id, again));
    expect(await store().read((view) => view.partsOf(transfer.id))).toEqual([first, again, tenth]);
    const totals = (besides: number | null) => store().read((view) => view.heldTotals(transfer.id, besides));
    const sizeBytes = first.sizeBytes + again.sizeBytes + tenth.sizeBytes;
    expect(await totals(null)).toEqual({ count: 3, sizeBytes });
    expect(await totals(2)).toEqual({ count: 2, sizeBytes: sizeBytes - again.sizeBytes });
    expect(await totals(3)).toEqual({ count: 3, sizeBytes });
    expect(await store().read((view) => view.heldTotals(unknownId("transfer"), null))).toEqual({
      count: 0,
      sizeBytes: 0,
    });
    await store().transaction((tx) => tx.deleteParts(transfer.id));
    expect(await store().read((view) => view.partsOf(transfer.id))).toEqual([]);
    expect(await store().read((view) => view.partsOf(other.id))).toEqual([foreign]);
  });
}

/** Each field that use cases change, away from what `aTransfer` gives. */
const ALL_SET = {
  state: "revoked",
  blobLengthBytes: 9_007_199_254_740_991,
  partCount: 10_000,
  sealRecord: bytes(200),
  sealSignature: bytes(64),
  sealedAt: 1100,
  endedAt: 1200,
  destroyDueAt: 1300,
  destroyedAt: 1400,
  subjectSalt: bytes(32),
  purpose: "HPAYMT",
} satisfies Partial<TransferRecord>;
