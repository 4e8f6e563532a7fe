/** Part of the store suite: what goes in comes out, and what one database would change in silence is refused by all. */
import type { TransferRecord } from "@safeconduct/exchange";
import { copyBytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, anEvent, anOrganisation } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

const KEPT_TEXTS: readonly [claim: string, text: string][] = [
  ["nothing", ""],
  ["quotes and comments of SQL", `'; drop table members; -- "x" \\ /* $1 ? :a`],
  ["emoji and letters outside of the basic plane", "Zoë 👩🏽‍⚕️ 𝒳 𠀋"],
  ["combining marks as they came", "e\u0301 \u00e9"],
  ["line breaks, tabs and other control characters", "a\r\nb\tc\u0001\u007f\u0085\u2028"],
  ["a byte order mark and characters that are never assigned", "\ufeffx\uffff"],
  ["spaces at both ends", "  x  "],
  ["a number", "007"],
  ["a hundred thousand characters", "é".repeat(100_000)],
];
const REFUSED_TEXTS: readonly [claim: string, text: string][] = [
  ["NUL", "a\0b"],
  ["NUL at the end", "a\0"],
  ["half of a surrogate pair, first", "a\ud83d"],
  ["half of a surrogate pair, second", "\ude00a"],
];
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);

export function storeValuesSuite(store: StoreOfTest): void {
  test.each(KEPT_TEXTS)("text with %s comes back the same", async (_claim, name) => {
    const organisation = anOrganisation({ name });
    await store().transaction((tx) => tx.addOrganisation(organisation));
    expect((await store().read((view) => view.organisation(organisation.id)))?.name).toBe(name);
  });

  test.each(REFUSED_TEXTS)("text with %s is refused", async (_claim, name) => {
    const organisation = anOrganisation({ name });
    await expect(store().transaction((tx) => tx.addOrganisation(organisation))).rejects.toThrow(RangeError);
    expect(await store().read((view) => view.organisation(organisation.id))).toBeNull();
  });

  test.each([
    ["none", new Uint8Array(0)],
    ["each value", ALL_BYTES],
    ["a megabyte", new Uint8Array(1 << 20).fill(0xa5)],
    ["a view into a larger buffer", ALL_BYTES.subarray(7, 19)],
    ["a Node buffer", Buffer.from("0001ff", "hex")],
  ])("bytes come back the same and plain: %s", async (_claim, leaf) => {
    await store().transaction((tx) => tx.addEvent(anEvent({ leaf: leaf as Uint8Array<ArrayBuffer> })));
    const [event] = await store().transaction((tx) => tx.sequenceEvents(1));
    expect(event?.leaf).toEqual(copyBytes(leaf));
    expect(Object.getPrototypeOf(event?.leaf)).toBe(Uint8Array.prototype);
    expect(event?.leaf.buffer.byteLength).toBe(leaf.length);
  });

  test.each([0, 1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])(
    "the number %d comes back the same",
    async (number) => {
      const clinic = await aClinic(store());
      const transfer = clinic.transfer({ blobLengthBytes: number, createdAt: number, destroyDueAt: number });
      await store().transaction((tx) => tx.addTransfer(transfer));
      expect(await store().read((view) => view.findTransfer(transfer.id))).toEqual(transfer);
      expect(await store().read((view) => view.transfersToDestroy(number, 1, "time"))).toEqual([transfer]);
    },
  );

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])(
    "the number %d is refused",
    async (number) => {
      const clinic = await aClinic(store());
      const transfer = clinic.transfer();
      await store().transaction((tx) => tx.addTransfer(transfer));
      const changes: readonly Partial<TransferRecord>[] = [{ destroyDueAt: number }, { partCount: number }];
      for (const change of changes) {
        await expect(store().transaction((tx) => tx.updateTransfer(transfer.id, change))).rejects.toThrow(RangeError);
      }
      expect(await store().read((view) => view.findTransfer(transfer.id))).toEqual(transfer);
    },
  );

  test("what is stored does not change with the object that it came from or that it went into", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer();
    const salt = copyBytes(transfer.subjectSalt);
    await store().transaction((tx) => tx.addTransfer(transfer));
    transfer.subjectSalt.fill(0);
    const found = await store().read((view) => view.findTransfer(transfer.id));
    expect(found?.subjectSalt).toEqual(salt);
    found?.subjectSalt.fill(0);
    expect((await store().read((view) => view.findTransfer(transfer.id)))?.subjectSalt).toEqual(salt);
  });
}
