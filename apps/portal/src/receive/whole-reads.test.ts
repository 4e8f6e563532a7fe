import type { ManifestFile } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";
import { expect, test } from "vitest";
import { WholeReads } from "./whole-reads.ts";

const file = { id: "fil_1", path: "a.txt", sizeBytes: 3 } as unknown as ManifestFile;

function scene(pieces: () => AsyncGenerator<Bytes, void, undefined>, busy = false) {
  const log: string[] = [];
  const whole = new WholeReads({
    opened: { readFile: pieces },
    reads: { begin: () => log.push("begin"), abort: () => log.push("abort") },
    downloads: { busy: () => busy, noteArrived: () => void log.push("arrived") },
  });
  return { whole, log };
}

async function* inTwo() {
  yield new Uint8Array([1, 2]);
  yield new Uint8Array([3]);
}

test("a file is given whole, with its progress, and counts as arrived", async () => {
  const { whole, log } = scene(inTwo);
  const progress: number[] = [];
  const content = await whole.read(file, {
    signal: new AbortController().signal,
    onProgress: ({ doneBytes }) => progress.push(doneBytes),
  });
  expect([[...content], progress, log]).toEqual([
    [1, 2, 3],
    [2, 3],
    ["begin", "arrived"],
  ]);
});

test("a file whose end does not hold is not given and has not arrived", async () => {
  const { whole, log } = scene(async function* () {
    yield new Uint8Array([1, 2]);
    throw new Error("not what was sent");
  });
  await expect(whole.read(file, { signal: new AbortController().signal, onProgress: () => undefined })).rejects.toThrow(
    "not what was sent",
  );
  expect(log).toEqual(["begin"]);
});

test("one that is left while it is read ends its network and has not arrived", async () => {
  const stop = new AbortController();
  const { whole, log } = scene(inTwo);
  await expect(whole.read(file, { signal: stop.signal, onProgress: () => stop.abort() })).rejects.toThrow("abort");
  expect(log).toEqual(["begin", "abort"]);
});

test("beside a running download the network is left to that", async () => {
  const stop = new AbortController();
  const { whole, log } = scene(inTwo, true);
  await expect(whole.read(file, { signal: stop.signal, onProgress: () => stop.abort() })).rejects.toThrow("abort");
  expect(log).toEqual([]);
});
