/** Pieces that go past the page cache, pieces that cannot, and both in one file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes } from "@safeconduct/foundation";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChunkMemory } from "./chunk-memory.ts";
import { nodeFileSystem } from "./file-system.ts";

const MEBIBYTE = 1 << 20;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "direct-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A chunk of its own, filled with `value`. */
function filled(memory: ChunkMemory, value: number): Uint8Array {
  return memory.take().fill(value);
}

async function written(...pieces: readonly Uint8Array[]): Promise<Buffer> {
  const path = join(folder, "part");
  const file = await nodeFileSystem.create(path);
  try {
    for (const piece of pieces) for (let at = 0; at < piece.length; ) at += await file.write(piece.subarray(at));
    await file.sync();
  } finally {
    await file.close();
  }
  return readFileSync(path);
}

/** Ordinary memory of Node begins 16 bytes after a page, so the system refuses it. */
const ordinary = (value: number) => new Uint8Array(MEBIBYTE).fill(value);
/** In the middle of its memory, at no multiple of anything. */
const odd = (value: number, length: number) => new Uint8Array(length + 3).fill(value).subarray(3);

test.for<[string, (memory: ChunkMemory) => Uint8Array[]]>([
  [
    "chunks and an end of any length",
    (memory) => [filled(memory, 1), filled(memory, 2), filled(memory, 3).subarray(0, 5)],
  ],
  ["memory that lies nowhere in particular", () => [ordinary(1), ordinary(2), odd(3, 77)]],
  [
    "chunks after a piece that leaves the file between two blocks",
    (memory) => [odd(1, 5), filled(memory, 2), filled(memory, 3)],
  ],
  ["chunks, then memory that cannot, then chunks", (memory) => [filled(memory, 1), ordinary(2), filled(memory, 3)]],
  ["little", () => [odd(1, 9)]],
  ["nothing", () => []],
])("%s are written as they are", async ([, pieces]) => {
  const given = pieces(new ChunkMemory());
  expect((await written(...given)).equals(concatBytes(...given))).toBe(true);
});

test.for<[string, number, number, (memory: ChunkMemory) => Uint8Array]>([
  ["from the beginning", 0, MEBIBYTE, (memory) => memory.take()],
  ["from a block in the middle", 4096, MEBIBYTE, (memory) => memory.take()],
  ["over the end", 2 * MEBIBYTE, 5, (memory) => memory.take()],
  ["from between two blocks", 77, MEBIBYTE, (memory) => memory.take()],
  ["into memory that lies nowhere in particular", 0, MEBIBYTE, () => ordinary(9)],
  ["into little memory", MEBIBYTE, 10, () => odd(9, 10)],
])("bytes %s are read as they are", async ([, position, length, memoryOf]) => {
  const content = Uint8Array.from({ length: 2 * MEBIBYTE + 5 }, (_, at) => (at * 31 + (at >> 9)) & 0xff);
  await written(content);
  const file = await nodeFileSystem.open(join(folder, "part"));
  const buffer = memoryOf(new ChunkMemory());
  try {
    expect(await file.read(buffer, position)).toBe(length);
    expect(Buffer.compare(buffer.subarray(0, length), content.subarray(position, position + length))).toBe(0);
    expect(await file.sizeBytes()).toBe(content.length);
    expect(await file.read(buffer, 3 * MEBIBYTE)).toBe(0);
  } finally {
    await file.close();
  }
});

test("a name that is taken is refused", async () => {
  const path = join(folder, "part");
  await (await nodeFileSystem.create(path)).close();
  await expect(nodeFileSystem.create(path)).rejects.toMatchObject({ code: "EEXIST" });
});

test("chunks are handed on, and more than are kept are ordinary memory", () => {
  const memory = new ChunkMemory();
  const taken = Array.from({ length: 12 }, () => memory.take());
  expect(new Set(taken.map(({ buffer, byteOffset }) => [buffer, byteOffset])).size).toBe(12);
  expect(taken.every(({ length }) => length === MEBIBYTE)).toBe(true);
  const kept = taken.filter(({ buffer }) => buffer.byteLength > MEBIBYTE);
  expect(kept).toHaveLength(8);
  for (const chunk of taken) memory.giveBack(chunk);
  const again = Array.from({ length: 8 }, () => memory.take());
  expect(new Set(again)).toEqual(new Set(kept));
});
