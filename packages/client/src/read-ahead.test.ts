import type { Bytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { nextAhead, readAhead } from "./read-ahead.ts";

const END = 1000;
const blob = Uint8Array.from({ length: END + 50 }, (_, at) => at % 251);

/** A store that fills the memory it is given, late, and remembers what it was asked for. */
function watchedStore() {
  const asked: [number, number][] = [];
  const read = async (offset: number, length: number, memory?: Bytes): Promise<Bytes> => {
    asked.push([offset, length]);
    const target = memory ?? new Uint8Array(length);
    await new Promise((resolve) => setImmediate(resolve));
    target.set(blob.subarray(offset, offset + length));
    return target.subarray(0, length);
  };
  return { asked, read };
}

test.each([1, 7, 64, 99, 100, 101, 250, 999, 1000])(
  "ranges of %i bytes in order are the blob's bytes",
  async (step) => {
    const { read } = watchedStore();
    const ahead = readAhead(read, END, 100);
    for (let at = 0; at < END; at += step) {
      const length = Math.min(step, END - at);
      expect(await ahead(at, length), `at ${at}`).toEqual(blob.subarray(at, at + length));
    }
  },
);

test("many small ranges cost one request a window, each window once", async () => {
  const { asked, read } = watchedStore();
  const ahead = readAhead(read, END, 100);
  for (let at = 0; at < END; at += 10) await ahead(at, 10);
  expect(asked).toEqual(Array.from({ length: 10 }, (_, window) => [window * 100, 100]));
});

test("the next window is asked for before the held one is used up", async () => {
  const { asked, read } = watchedStore();
  await readAhead(read, END, 100)(0, 10);
  expect(asked).toEqual([
    [0, 100],
    [100, 100],
  ]);
});

test("what reaches behind the end is fetched as asked", async () => {
  const { asked, read } = watchedStore();
  const ahead = readAhead(read, END, 100);
  expect(await ahead(990, 30)).toEqual(blob.subarray(990, 1020));
  expect(await ahead(1010, 5)).toEqual(blob.subarray(1010, 1015));
  expect(asked).toEqual([
    [990, 30],
    [1010, 5],
  ]);
});

test("a jump forwards or back is followed", async () => {
  const { read } = watchedStore();
  const ahead = readAhead(read, END, 100);
  for (const [at, length] of [
    [0, 10],
    [555, 120],
    [20, 250],
    [900, 100],
    [0, 1],
  ] as const)
    expect(await ahead(at, length), `at ${at}`).toEqual(blob.subarray(at, at + length));
});

test("a failure is told to the call that needs the window, and the next call tries anew", async () => {
  const { read } = watchedStore();
  let fails = false;
  const ahead = readAhead((...range) => (fails ? Promise.reject(new Error("offline")) : read(...range)), END, 100);
  fails = true;
  await expect(ahead(0, 10)).rejects.toThrow("offline");
  fails = false;
  expect(await ahead(0, 10)).toEqual(blob.subarray(0, 10));
  fails = true;
  expect(await ahead(100, 100), "the window that was sent for in time").toEqual(blob.subarray(100, 200));
  await expect(ahead(200, 10)).rejects.toThrow("offline");
});

test("a store that gives less is asked for the rest, one that gives nothing gets its answer passed on", async () => {
  const { read } = watchedStore();
  const less = readAhead(
    async (offset, length) => (await read(offset, length)).subarray(0, Math.ceil(length / 2)),
    END,
    100,
  );
  expect(await less(0, 120)).toEqual(blob.subarray(0, 120));
  expect((await readAhead(async () => new Uint8Array(0), END, 100)(0, 10)).length).toBe(0);
});

test("behind a long range the next one is fetched, once, and a short one fetches nothing", async () => {
  const { asked, read } = watchedStore();
  const { readRange: ahead } = nextAhead(read, END, 100);
  expect(await ahead(0, 107)).toEqual(blob.subarray(0, 107));
  expect(await ahead(107, 100), "somewhat less than was expected").toEqual(blob.subarray(107, 207));
  expect(await ahead(900, 20)).toEqual(blob.subarray(900, 920));
  expect(await ahead(207, 100), "another file in between").toEqual(blob.subarray(207, 307));
  expect(asked).toEqual([
    [0, 107],
    [107, 107],
    [207, 100],
    [900, 20],
    [307, 100],
  ]);
});

test("nothing is fetched behind the end, and what lies there is read as asked", async () => {
  const { asked, read } = watchedStore();
  const { readRange: ahead } = nextAhead(read, END, 100);
  await ahead(800, 150);
  expect(await ahead(950, 100)).toEqual(blob.subarray(950, 1050));
  expect(asked).toEqual([
    [800, 150],
    [950, 50],
    [950, 100],
  ]);
});

test("two readers at once get each their own bytes", async () => {
  const { read } = watchedStore();
  const { readRange: ahead } = nextAhead(read, END, 100);
  const readAll = async (from: number) => {
    for (let at = from; at < END; at += 100) expect(await ahead(at, 100)).toEqual(blob.subarray(at, at + 100));
  };
  await Promise.all([readAll(0), readAll(0), readAll(500)]);
});

test("a range that was fetched in vain is told to whoever waits for it, and fetched again for whoever comes later", async () => {
  const { read } = watchedStore();
  let fails = false;
  const { readRange: ahead } = nextAhead(
    (...range) => (fails ? Promise.reject(new Error("offline")) : read(...range)),
    END,
    100,
  );
  fails = true;
  await expect(ahead(0, 100)).rejects.toThrow("offline");
  fails = false;
  const first = ahead(0, 100);
  fails = true;
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  fails = false;
  expect(await ahead(100, 100)).toEqual(blob.subarray(100, 200));
});

test("memory that was given back takes a later range, and no memory that is still looked at does", async () => {
  const { read } = watchedStore();
  const { readRange, giveBack } = nextAhead(read, END, 100);
  const buffers = new Set<ArrayBuffer>();
  for (let at = 0; at < END; at += 100) {
    const bytes = await readRange(at, 100);
    buffers.add(bytes.buffer);
    await new Promise((resolve) => setImmediate(resolve));
    expect(bytes, `at ${at}`).toEqual(blob.subarray(at, at + 100));
    giveBack(bytes);
  }
  expect(buffers.size).toBeLessThan(4);
});
