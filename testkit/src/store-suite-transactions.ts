/** Part of the store suite: all or nothing, one after the other, seen by nobody before the end. */
import type { Transaction, View } from "@safeconduct/exchange";
import { Problem } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { aClinic, aMember, anEvent, anOrganisation, aTransfer, unknownId } from "./store-records.ts";
import type { StoreOfTest } from "./store-of-test.ts";

export function storeTransactionsSuite(store: StoreOfTest): void {
  test("a transaction answers what its work answers", async () => {
    expect(await store().transaction(async () => "done")).toBe("done");
    expect(await store().read(async () => null)).toBeNull();
  });

  test("a rejected work leaves nothing behind and its reason comes out unchanged", async () => {
    const organisation = anOrganisation();
    const reason = new Problem("grant/unavailable", "It is over.");
    const attempt = store().transaction(async (tx) => {
      await tx.addOrganisation(organisation);
      await tx.addMember(aMember({ organisation: organisation.id }));
      await tx.addEvent(anEvent());
      await tx.saveInstance({ setupTokenHash: null, pendingSetup: null, createdAt: 7, keyLogCheckpoint: null });
      throw reason;
    });
    expect(await attempt.catch((error: unknown) => error)).toBe(reason);
    await store().read(async (view) => {
      expect(await view.organisation(organisation.id)).toBeNull();
      expect((await view.instance()).createdAt).toBe(0);
    });
    expect(await store().transaction((tx) => tx.sequenceEvents(10))).toEqual([]);
  });

  test("a work that throws at once is a rejection like any other", async () => {
    const attempt = store().transaction(() => {
      throw new RangeError("before the first await");
    });
    await expect(attempt).rejects.toThrow("before the first await");
    expect(await store().transaction(async () => "next")).toBe("next");
  });

  test("a transaction sees its own writes", async () => {
    const organisation = anOrganisation();
    await store().transaction(async (tx) => {
      await tx.addOrganisation(organisation);
      expect(await tx.organisation(organisation.id)).toEqual(organisation);
    });
  });

  test("a reader sees nothing of a transaction that is not committed, and keeps its view", async () => {
    const organisation = anOrganisation();
    const wrote = gate();
    const looked = gate();
    const writing = store().transaction(async (tx) => {
      await tx.addOrganisation(organisation);
      wrote.open();
      await looked.opened;
    });
    await wrote.opened;
    await store().read(async (view) => {
      expect(await view.organisation(organisation.id)).toBeNull();
      looked.open();
      await writing;
      expect(await view.organisation(organisation.id)).toBeNull();
    });
    expect(await store().read((view) => view.organisation(organisation.id))).toEqual(organisation);
  });

  test("two that read and then write the same row lose nothing, 50 times each", async () => {
    const clinic = await aClinic(store());
    const transfer = clinic.transfer({ partCount: 0 });
    await store().transaction((tx) => tx.addTransfer(transfer));
    const countUp = async () => {
      for (let turn = 0; turn < 50; turn++) {
        await store().transaction(async (tx) => {
          const partCount = ((await tx.findTransfer(transfer.id))?.partCount ?? Number.NaN) + 1;
          await tx.updateTransfer(transfer.id, { partCount });
        });
      }
    };
    await Promise.all([countUp(), countUp()]);
    expect((await store().read((view) => view.findTransfer(transfer.id)))?.partCount).toBe(100);
  });

  test("two that each act on the other's absence are not both committed", async () => {
    const clinic = await aClinic(store());
    const [one, two] = [clinic.transfer(), clinic.transfer()];
    await store().transaction(async (tx) => {
      await tx.addTransfer(one);
      await tx.addTransfer(two);
    });
    // Write skew: each revokes its own only while the other is active.
    const revokeUnlessAlone = (own: typeof one, other: typeof one) =>
      store().transaction(async (tx) => {
        if ((await tx.findTransfer(other.id))?.state === "active")
          await tx.updateTransfer(own.id, { state: "revoked" });
      });
    await Promise.all([revokeUnlessAlone(one, two), revokeUnlessAlone(two, one)]);
    const states = await store().read(async (view) => [
      (await view.findTransfer(one.id))?.state,
      (await view.findTransfer(two.id))?.state,
    ]);
    expect(states.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(["active", "revoked"]);
  });

  test("many at once all come through", async () => {
    const organisations = Array.from({ length: 40 }, () => anOrganisation());
    await Promise.all(organisations.map((one) => store().transaction((tx) => tx.addOrganisation(one))));
    for (const one of organisations) expect(await store().read((view) => view.organisation(one.id))).toEqual(one);
  });

  test("a conflict leaves the transaction usable", async () => {
    const [first, second] = [anOrganisation(), anOrganisation()];
    await store().transaction((tx) => tx.addOrganisation(first));
    await store().transaction(async (tx) => {
      await expect(tx.addOrganisation(first)).rejects.toMatchObject({ code: "store/conflict" });
      await tx.addOrganisation(second);
    });
    expect(await store().read((view) => view.organisation(second.id))).toEqual(second);
  });

  test("a record that refers to nothing is not kept", async () => {
    const clinic = await aClinic(store());
    const lost: readonly ((tx: Transaction) => Promise<void>)[] = [
      (tx) => tx.addMember(aMember({ organisation: unknownId("organisation") })),
      (tx) => tx.addTransfer(aTransfer({ ...clinic.of, device: unknownId("device") })),
      (tx) => tx.savePart(unknownId("transfer"), { number: 1, sizeBytes: 1, sha256: new Uint8Array(32) }),
      (tx) => tx.addGrant(clinic.grant(clinic.transfer())),
    ];
    for (const work of lost) await expect(store().transaction(work)).rejects.toThrow(/foreign key|does not exist/i);
  });

  test("a change of what does not exist is a mistake and throws", async () => {
    await expect(
      store().transaction((tx) => tx.updateTransfer(unknownId("transfer"), { state: "active" })),
    ).rejects.toThrow("no transfer to update");
    await expect(store().transaction((tx) => tx.updateGrant(unknownId("grant"), { releases: 1 }))).rejects.toThrow(
      "no grant to update",
    );
  });

  test("nothing works on a transaction or view that has ended", async () => {
    const organisation = anOrganisation();
    const kept: { tx?: Transaction; view?: View } = {};
    await store().transaction(async (tx) => {
      kept.tx = tx;
    });
    await store().read(async (view) => {
      kept.view = view;
    });
    await expect(async () => kept.tx?.addOrganisation(organisation)).rejects.toThrow(/ended|committed/);
    await expect(async () => kept.view?.instance()).rejects.toThrow(/ended|committed/);
    expect(await store().read((view) => view.organisation(organisation.id))).toBeNull();
  });

  test("a closed store takes no more work", async () => {
    await store().close();
    await expect(store().transaction(async () => "late")).rejects.toThrow(CLOSED);
    await expect(store().read(async () => "late")).rejects.toThrow(CLOSED);
  });
}

const CLOSED = /closed|not open|destroyed/;

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
