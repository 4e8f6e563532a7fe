import type { TransferId } from "@safeconduct/foundation";
import { aTransferId } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import type { BlobStore } from "../storage/ports.ts";
import type { Store } from "../store.ts";
import { blobOpener } from "./read-blob.ts";

const PARTS_OF_ONE = 9_000;

test("the parts of a blob that is read in many ranges are looked up once, and those of a few blobs are remembered", async () => {
  const looked: TransferId[] = [];
  const parts = Array.from({ length: PARTS_OF_ONE }, (_, position) => ({ number: position + 1 }));
  const view = {
    findTransfer: async () => ({ sealedAt: 1, destroyedAt: null, state: "active", blobLengthBytes: 1 }),
    partsOf: async (id: TransferId) => {
      looked.push(id);
      return parts;
    },
  };
  const store = { read: (work: (given: typeof view) => unknown) => work(view) } as unknown as Store;
  const openBlob = blobOpener({ store, blobs: {} as BlobStore });
  const [first, second, third] = [aTransferId(), aTransferId(), aTransferId()];
  for (const id of [first, first, second, first, second]) await openBlob(id);
  expect(looked).toEqual([first, second]);
  // A third of that size is more than is remembered: all are looked up anew.
  for (const id of [third, third, first]) await openBlob(id);
  expect(looked).toEqual([first, second, third, first]);
});
