import { describe, expect, test } from "vitest";
import { blobStream } from "../reading/blob-stream.ts";
import { readSource } from "./source-reads.ts";

const PIECE = 600_000;
const content = Uint8Array.from({ length: 3 * PIECE + 1234 }, (_, at) => (at * 7 + (at >> 9)) & 0xff);
const file = new Blob([content]);

/** Enough for what is read ahead to arrive. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ["as a stream", blobStream],
  ["by slices, where the browser gives no such streams", () => Promise.reject(new TypeError("refused"))],
])("a file read %s", (_how, streamOf) => {
  const expectRange = (bytes: Uint8Array, offset: number, length: number): void =>
    expect(Buffer.compare(bytes, content.subarray(offset, offset + length))).toBe(0);

  test("comes in order, to its end and no further", async () => {
    const read = readSource(file, streamOf);
    for (let at = 0; at < content.length; at += PIECE) {
      const length = Math.min(PIECE, content.length - at);
      expectRange(await read(at, length), at, length);
    }
    expect(await read(content.length, 1)).toHaveLength(0);
  });

  test("comes from wherever it is asked for, in the middle of a run and with another length", async () => {
    const read = readSource(file, streamOf);
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

  test("gives a range that stays until the next one is asked for, while that is read already", async () => {
    const read = readSource(file, streamOf);
    const first = await read(0, PIECE);
    await someTurns();
    expectRange(first, 0, PIECE);
    const second = await read(PIECE, PIECE);
    await someTurns();
    expectRange(second, PIECE, PIECE);
  });

  test("is shorter than asked where the file ends before", async () => {
    const bytes = await readSource(file, streamOf)(3 * PIECE, PIECE);
    expectRange(bytes, 3 * PIECE, 1234);
    expect(bytes).toHaveLength(1234);
  });
});

test("a file that cannot be read any more is a problem with a name, at its beginning and in its middle", async () => {
  const gone = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  let pulls = 0;
  const stream = () =>
    new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (++pulls > 3) controller.error(new DOMException("gone", "NotReadableError"));
        else controller.enqueue(new Uint8Array(256 * 1024));
      },
    });
  const source = { size: content.length, slice: () => ({ arrayBuffer: gone }) as unknown as Blob };
  await expect(readSource(source)(0, 10)).rejects.toMatchObject({ code: "portal/file-unreadable" });
  const read = readSource(source, async () => stream());
  await read(0, PIECE);
  await expect(read(PIECE, PIECE)).rejects.toMatchObject({ code: "portal/file-unreadable" });
});
