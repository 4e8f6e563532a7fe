/** What every `TileStore` must do. The fake and each adapter run it. */
import type { Bytes } from "@safeconduct/foundation";
import { TILE_WIDTH, type TileStore, tilePath } from "@safeconduct/ledger";
import { describe, expect, it } from "vitest";

export interface TileStoreHarness {
  /** A store with nothing in it. */
  fresh(): Promise<TileStore>;
  /** The same place, opened again as after a restart. */
  reopen(store: TileStore): Promise<TileStore>;
}

const FULL = tilePath({ level: 0, index: 0, width: TILE_WIDTH });
const PARTIAL = tilePath({ level: 0, index: 1, width: 3 });
const DEEP = tilePath({ level: "entries", index: 1_234_067, width: 7 });

export function tileStoreSuite(name: string, harness: TileStoreHarness): void {
  describe(`tile store: ${name}`, () => {
    it("holds nothing at first", async () => {
      const store = await harness.fresh();
      expect(await store.readCheckpoint()).toBeNull();
      expect(await store.readTile(FULL)).toBeNull();
    });

    it("gives back after a restart what it took, deep paths included", async () => {
      const store = await harness.fresh();
      await store.writeTiles([
        { path: FULL, bytes: filled(1, 8192) },
        { path: PARTIAL, bytes: filled(2, 96) },
        { path: DEEP, bytes: filled(3, 10) },
      ]);
      await store.writeCheckpoint("a note\n");
      const again = await harness.reopen(store);
      expect(await again.readTile(FULL)).toEqual(filled(1, 8192));
      expect(await again.readTile(PARTIAL)).toEqual(filled(2, 96));
      expect(await again.readTile(DEEP)).toEqual(filled(3, 10));
      expect(await again.readCheckpoint()).toBe("a note\n");
    });

    it("replaces the checkpoint as a whole", async () => {
      const store = await harness.fresh();
      await store.writeCheckpoint("a long first note — with more letters than the next\n");
      await store.writeCheckpoint("short\n");
      expect(await store.readCheckpoint()).toBe("short\n");
    });

    it("replaces a partial tile", async () => {
      const store = await harness.fresh();
      await store.writeTiles([{ path: PARTIAL, bytes: filled(1, 96) }]);
      await store.writeTiles([{ path: PARTIAL, bytes: filled(2, 96) }]);
      expect(await store.readTile(PARTIAL)).toEqual(filled(2, 96));
    });

    it("takes the same full tile twice", async () => {
      const store = await harness.fresh();
      await store.writeTiles([{ path: FULL, bytes: filled(1, 8192) }]);
      await store.writeTiles([{ path: FULL, bytes: filled(1, 8192) }]);
      expect(await store.readTile(FULL)).toEqual(filled(1, 8192));
    });

    it("refuses other bytes for a full tile, and nothing of that call shows", async () => {
      const store = await harness.fresh();
      await store.writeTiles([{ path: FULL, bytes: filled(1, 8192) }]);
      const attempt = store.writeTiles([
        { path: PARTIAL, bytes: filled(2, 96) },
        { path: FULL, bytes: filled(9, 8192) },
      ]);
      await expect(attempt).rejects.toMatchObject({ code: "ledger/tile-conflict" });
      expect(await store.readTile(FULL)).toEqual(filled(1, 8192));
      expect(await store.readTile(PARTIAL)).toBeNull();
    });

    it("keeps a full tile although the last checkpoint does not cover it", async () => {
      const store = await harness.fresh();
      await store.writeCheckpoint("before\n");
      await store.writeTiles([{ path: FULL, bytes: filled(1, 8192) }]);
      const again = await harness.reopen(store);
      await expect(again.writeTiles([{ path: FULL, bytes: filled(2, 8192) }])).rejects.toMatchObject({
        code: "ledger/tile-conflict",
      });
    });

    it.each(["../checkpoint", "checkpoint", "/etc/hostname", "tile/0/../../x", "tile/0/0", ""])(
      "finds no tile under %j",
      async (path) => {
        const store = await harness.fresh();
        await store.writeCheckpoint("a note\n");
        expect(await store.readTile(path)).toBeNull();
      },
    );
  });
}

function filled(value: number, length: number): Bytes {
  return new Uint8Array(length).fill(value);
}
