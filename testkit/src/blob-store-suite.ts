/** The acceptance suite of the `BlobStore` port. */
import { randomBytes } from "node:crypto";
import type { BlobStore, StoredPart } from "@safeconduct/exchange";
import { type Bytes, concatBytes, copyBytes, drawId, type TransferId } from "@safeconduct/foundation";
import { beforeEach, describe, expect, test } from "vitest";
import { digestOfPart } from "./part-digest.ts";

const MIB = 1 << 20;

/** `openStore` answers an empty store each time. */
export function blobStoreSuite(name: string, openStore: () => Promise<BlobStore>): void {
  describe(`${name} as a blob store`, () => {
    let store: BlobStore;
    let transfer: TransferId;
    beforeEach(async () => {
      store = await openStore();
      transfer = aTransferId();
    });
    const put = (number: number, bytes: Bytes, sizeBytes = bytes.length) =>
      store.putPart(transfer, number, sizeBytes, chunksOf(bytes, 65_536));
    const read = (parts: readonly StoredPart[], offset: number, lengthBytes: number) =>
      collect(store.read({ transfer, parts, offset, lengthBytes }));

    test.each([0, 1, 65_535, 65_536, 65_537, MIB + 1])(
      "a part of %i bytes comes back the same, with its digest",
      async (size) => {
        const bytes = aBlob(size);
        const part = await put(1, bytes);
        expect(part).toEqual({ number: 1, sizeBytes: size, sha256: digestOfPart(bytes) });
        expect(await read([part], 0, size)).toEqual(bytes);
      },
    );

    test("a range is read across the borders of parts, in the order given", async () => {
      const pieces = [aBlob(10), aBlob(MIB), aBlob(0), aBlob(3), aBlob(2 * MIB + 5)];
      const parts: StoredPart[] = [];
      for (const [index, bytes] of [...pieces.entries()].toReversed()) parts.unshift(await put(index + 1, bytes));
      const blob = concatBytes(...pieces);
      const borders = [0, 1, 9, 10, 11, MIB + 9, MIB + 10, MIB + 13, blob.length - 1, blob.length];
      for (const from of borders) {
        for (const to of borders.filter((border) => border >= from)) {
          expect(Buffer.compare(await read(parts, from, to - from), blob.subarray(from, to))).toBe(0);
        }
      }
    });

    test("no chunk is longer than a mebibyte", async () => {
      const part = await put(1, aBlob(3 * MIB));
      for await (const chunk of store.read({ transfer, parts: [part], offset: 1, lengthBytes: 3 * MIB - 1 })) {
        expect(chunk.length).toBeLessThanOrEqual(MIB);
      }
    });

    test("a range outside of the blob is a mistake and throws", async () => {
      const part = await put(1, aBlob(10));
      await expect(read([part], 0, 11)).rejects.toThrow(RangeError);
      await expect(read([part], 11, 0)).rejects.toThrow(RangeError);
      await expect(read([part], -1, 2)).rejects.toThrow(RangeError);
    });

    test.each([
      ["one byte short", 999],
      ["one byte long", 1001],
      ["empty", 0],
      ["twice as long", 2000],
    ])("a body that is %s is refused and the earlier part stays", async (_claim, length) => {
      const earlier = aBlob(700);
      const part = await put(1, earlier);
      await expect(put(1, aBlob(length), 1000)).rejects.toMatchObject({ code: "storage/part-size" });
      await expect(put(2, aBlob(length), 1000)).rejects.toMatchObject({ code: "storage/part-size" });
      expect(await read([part], 0, 700)).toEqual(earlier);
      await expect(read([{ ...part, number: 2 }], 0, 700)).rejects.toMatchObject({ code: "storage/damaged" });
    });

    test("a body that breaks off is refused with its own reason and the earlier part stays", async () => {
      const earlier = aBlob(700);
      const part = await put(1, earlier);
      const broken = async function* () {
        yield aBlob(300);
        throw new Error("connection lost");
      };
      await expect(store.putPart(transfer, 1, 700, broken())).rejects.toThrow("connection lost");
      expect(await read([part], 0, 700)).toEqual(earlier);
    });

    test("another body under the same number touches nothing of the earlier one", async () => {
      const [earlier, later] = [aBlob(700), aBlob(700)];
      const [first, second] = [await put(1, earlier), await put(1, later)];
      expect(await read([first], 0, 700)).toEqual(earlier);
      expect(await read([second], 0, 700)).toEqual(later);
      await store.keepOnly(transfer, [second]);
      expect(await read([second], 0, 700)).toEqual(later);
      await expect(read([first], 0, 700)).rejects.toMatchObject({ code: "storage/damaged" });
    });

    test("puts of one part at the same time leave each whole, never a mixture", async () => {
      const bodies = Array.from({ length: 8 }, () => aBlob(300_000));
      const parts = await Promise.all(bodies.map((bytes) => put(1, bytes)));
      for (const [at, part] of parts.entries()) {
        expect(Buffer.compare(await read([part], 0, 300_000), bodies[at] ?? new Uint8Array(0))).toBe(0);
      }
    });

    test("of two puts of one part the one that ends last is whole too", async () => {
      const [slow, quick] = [aBlob(500), aBlob(500)];
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
      const waiting = async function* () {
        yield slow.subarray(0, 100);
        await held;
        yield slow.subarray(100);
      };
      const slowPut = store.putPart(transfer, 1, 500, waiting());
      await put(1, quick);
      letGo();
      expect(await read([await slowPut], 0, 500)).toEqual(slow);
    });

    test("a part that is missing or of another size is not read", async () => {
      const part = await put(1, aBlob(10));
      await expect(read([{ ...part, number: 2 }], 0, 10)).rejects.toMatchObject({ code: "storage/damaged" });
      await expect(read([{ ...part, sizeBytes: 11 }], 0, 11)).rejects.toMatchObject({ code: "storage/damaged" });
      await expect(read([{ ...part, sizeBytes: 9 }], 0, 9)).rejects.toMatchObject({ code: "storage/damaged" });
    });

    test("a reader may stop in the middle", async () => {
      const part = await put(1, aBlob(3 * MIB));
      for await (const chunk of store.read({ transfer, parts: [part], offset: 0, lengthBytes: 3 * MIB })) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await read([part], 0, 1)).toHaveLength(1);
    });

    test("transfers do not see each other's parts, and are listed while they have any", async () => {
      const other = aTransferId();
      const [mine, theirs] = [aBlob(20), aBlob(20)];
      const part = await put(1, mine);
      const otherPart = await store.putPart(other, 1, 20, chunksOf(theirs, 7));
      expect(await read([part], 0, 20)).toEqual(mine);
      expect((await all(store.list())).toSorted()).toEqual([transfer, other].toSorted());
      await store.delete(transfer);
      expect(await all(store.list())).toEqual([other]);
      await expect(read([part], 0, 20)).rejects.toMatchObject({ code: "storage/damaged" });
      const range = { transfer: other, parts: [otherPart], offset: 0, lengthBytes: 20 };
      expect(await collect(store.read(range))).toEqual(theirs);
    });

    test("deleting what is not there is no error, and twice is once", async () => {
      await store.delete(transfer);
      await put(1, aBlob(5));
      await store.delete(transfer);
      await store.delete(transfer);
      expect(await all(store.list())).toEqual([]);
    });
  });
}

export const aTransferId = (): TransferId => drawId("transfer", { bytes: (length) => copyBytes(randomBytes(length)) });
const aBlob = (length: number) => copyBytes(randomBytes(length));

/** `bytes` in pieces of at most `size`, as a body arrives. */
export async function* chunksOf(bytes: Bytes, size: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Copies each chunk: its memory may be used for the next. */
const collect = async (chunks: AsyncIterable<Bytes>) => {
  const copies = [];
  for await (const chunk of chunks) copies.push(copyBytes(chunk));
  return concatBytes(...copies);
};
