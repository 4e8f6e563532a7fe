import { describe, expect, test } from "vitest";
import { readSource } from "./source-reads.ts";

const PIECE = 600_000;
const content = Uint8Array.from({ length: 3 * PIECE + 1234 }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
const file = new Blob([content]);

describe("a file", () => {
  const expectRange = (bytes: Uint8Array, offset: number, length: number): void =>
    expect(Buffer.compare(bytes, content.subarray(offset, offset + length))).toBe(0);

  test("comes in order, to its end and no further", async () => {
    const read = readSource(file);
    for (let at = 0; at < content.length; at += PIECE) {
      const length = Math.min(PIECE, content.length - at);
      expectRange(await read(at, length), at, length);
    }
    expect(await read(content.length, 1)).toHaveLength(0);
  });

  test("comes from wherever it is asked for, in the middle of a run and with another length", async () => {
    const read = readSource(file);
    for (const [offset, length] of [
      [0, PIECE],
      [PIECE, PIECE],
      [17, PIECE],
      [17 + PIECE, 5],
      [2 * PIECE, PIECE],
      [0, PIECE],
    ] as const)
      expectRange(await read(offset, length), offset, length);
  });

  test("is shorter than asked where it ends before", async () => {
    const bytes = await readSource(file)(3 * PIECE, PIECE);
    expectRange(bytes, 3 * PIECE, 1234);
    expect(bytes).toHaveLength(1234);
  });

  test("that cannot be read any more is a problem with a name, at its beginning and in its middle", async () => {
    let reads = 0;
    const arrayBuffer = () =>
      ++reads === 2
        ? Promise.resolve(new ArrayBuffer(PIECE))
        : Promise.reject(new DOMException("gone", "NotReadableError"));
    const read = readSource({ size: content.length, slice: () => ({ arrayBuffer }) as unknown as Blob });
    await expect(read(0, 10)).rejects.toMatchObject({ code: "portal/file-unreadable" });
    await read(0, PIECE);
    await expect(read(PIECE, PIECE)).rejects.toMatchObject({ code: "portal/file-unreadable" });
  });
});
