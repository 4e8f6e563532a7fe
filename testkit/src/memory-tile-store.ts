/** A `TileStore` in memory with the rules of the port, and a hand to damage it or make it fail. */
import { type Bytes, copyBytes, equalBytes } from "@safeconduct/foundation";
import { ledgerProblem, parseTilePath, TILE_WIDTH, type TileStore, type TileWrite } from "@safeconduct/ledger";

export class MemoryTileStore implements TileStore {
  readonly tiles = new Map<string, Bytes>();
  checkpoint: string | null = null;
  /** Called before each write; throwing makes that write fail without a trace. */
  beforeWrite: (what: "tiles" | "checkpoint") => void = () => {};
  /** Paths read since the start, for claims about cost. */
  readonly reads: string[] = [];

  async readCheckpoint(): Promise<string | null> {
    return this.checkpoint;
  }

  async readTile(path: string): Promise<Bytes | null> {
    this.reads.push(path);
    const bytes = this.tiles.get(path);
    return bytes === undefined ? null : copyBytes(bytes);
  }

  async writeTiles(tiles: readonly TileWrite[]): Promise<void> {
    this.beforeWrite("tiles");
    for (const { path, bytes } of tiles) {
      const standing = this.tiles.get(path);
      const full = parseTilePath(path)?.width === TILE_WIDTH;
      if (full && standing !== undefined && !equalBytes(standing, bytes)) throw ledgerProblem("ledger/tile-conflict");
    }
    for (const { path, bytes } of tiles) this.tiles.set(path, copyBytes(bytes));
  }

  async writeCheckpoint(text: string): Promise<void> {
    this.beforeWrite("checkpoint");
    this.checkpoint = text;
  }

  /** A store with the same content: what a copy or a backup would hold. */
  copy(): MemoryTileStore {
    const store = new MemoryTileStore();
    for (const [path, bytes] of this.tiles) store.tiles.set(path, copyBytes(bytes));
    store.checkpoint = this.checkpoint;
    return store;
  }
}
