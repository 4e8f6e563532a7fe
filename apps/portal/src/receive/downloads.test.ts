import { type Bytes, drawId, type FileId, Problem } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { Downloads, type Sink } from "./downloads.ts";

const fileOf = (number: number): FileId => drawId("file", { bytes: (length) => new Uint8Array(length).fill(number) });
const [first, second] = [fileOf(1), fileOf(2)];
const piece = (byte: number): Bytes => Uint8Array.of(byte, byte);

/** A sink that notes what happens to it. */
function noting(notes: string[], { failAt }: { failAt?: "write" | "finish" | "discard" } = {}): () => Promise<Sink> {
  const note = async (what: string, kind: string): Promise<void> => {
    if (failAt === kind) throw new Error("disk");
    notes.push(what);
  };
  return async () => ({
    write: (bytes) => note(`write ${bytes[0]}`, "write"),
    finish: () => note("finish", "finish"),
    discard: () => note("discard", "discard"),
  });
}

interface Source {
  /** Lets the next piece of the running file through. */
  readonly step: () => void;
  readonly downloads: Downloads;
  readonly opened: FileId[];
  readonly aborts: () => number;
  /** Resolves when `file` has left the queue. */
  readonly ended: (file: FileId) => Promise<string>;
  readonly reached: (file: FileId, test: (state: string, doneBytes: number) => boolean) => Promise<void>;
}

/** `failAt`: the piece, from 1, instead of which reading fails. */
function sourceOf({ pieces = 2, failAt = 0, gated = false } = {}): Source {
  const opened: FileId[] = [];
  let aborts = 0;
  let open: (() => void) | null = null;
  let refuse: ((error: Error) => void) | null = null;
  const gate = (): Promise<void> =>
    gated ? new Promise((resolve, reject) => ([open, refuse] = [resolve, reject])) : Promise.resolve();
  const downloads = new Downloads({
    async *readFile(file) {
      opened.push(file);
      for (let number = 1; number <= pieces; number++) {
        await gate();
        if (number === failAt) throw new Problem("envelope/cannot-open", "No.");
        yield piece(number);
      }
    },
    abortReads() {
      aborts++;
      refuse?.(new DOMException("stopped", "AbortError"));
    },
    problemOf: (thrown) => (thrown instanceof Problem ? thrown : new Problem("portal/unexpected", "Unexpected.")),
  });
  const reached: Source["reached"] = (file, test) =>
    new Promise((resolve) => {
      const look = (): void => {
        const state = downloads.state(file);
        if (!test(state.name, state.name === "running" ? state.doneBytes : -1)) return;
        stop();
        resolve();
      };
      const stop = downloads.subscribe(look);
      look();
    });
  return {
    downloads,
    opened,
    reached,
    aborts: () => aborts,
    step: () => open?.(),
    async ended(file) {
      await reached(file, (state) => state !== "waiting" && state !== "running" && state !== "idle");
      return downloads.state(file).name;
    },
  };
}

describe("a download", () => {
  it("is finished only after its last piece", async () => {
    const { downloads, ended } = sourceOf();
    const notes: string[] = [];
    downloads.start(first, noting(notes));
    expect(await ended(first)).toBe("verified");
    expect(notes).toEqual(["write 1", "write 2", "finish"]);
    expect(downloads.hasArrived(first)).toBe(true);
  });

  it("of an empty file arrives too", async () => {
    const { downloads, ended } = sourceOf({ pieces: 0 });
    const notes: string[] = [];
    downloads.start(first, noting(notes));
    expect(await ended(first)).toBe("verified");
    expect(notes).toEqual(["finish"]);
  });

  it.each([1, 2])("throws away what was written when piece %d does not verify", async (failAt) => {
    const { downloads, ended } = sourceOf({ failAt });
    const notes: string[] = [];
    downloads.start(first, noting(notes));
    expect(await ended(first)).toBe("failed");
    expect(notes.at(-1)).toBe("discard");
    expect(notes).not.toContain("finish");
    expect(downloads.state(first)).toMatchObject({ problem: { code: "envelope/cannot-open" } });
    expect(downloads.hasArrived(first)).toBe(false);
  });

  it.each(["write", "finish"] as const)("has not arrived when the disk fails at %s", async (failAt) => {
    const { downloads, ended } = sourceOf();
    const notes: string[] = [];
    downloads.start(first, noting(notes, { failAt }));
    expect(await ended(first)).toBe("failed");
    expect(notes.at(-1)).toBe("discard");
    expect(downloads.hasArrived(first)).toBe(false);
  });

  it("can be tried again after a failure, and again after it arrived", async () => {
    const { downloads, ended } = sourceOf();
    downloads.start(first, noting([], { failAt: "write" }));
    expect(await ended(first)).toBe("failed");
    for (let time = 0; time < 2; time++) {
      downloads.start(first, noting([]));
      expect(await ended(first)).toBe("verified");
    }
    expect(downloads.hasArrived(first)).toBe(true);
  });

  it("tells its progress in bytes", async () => {
    const { downloads, step, ended, reached } = sourceOf({ gated: true });
    downloads.start(first, noting([]));
    await reached(first, (state, doneBytes) => state === "running" && doneBytes === 0);
    await Promise.resolve();
    step();
    await reached(first, (_, doneBytes) => doneBytes === 2);
    await Promise.resolve();
    step();
    expect(await ended(first)).toBe("verified");
  });

  it("that is cancelled stops the network and keeps nothing", async () => {
    const { downloads, aborts, ended, reached } = sourceOf({ gated: true });
    const notes: string[] = [];
    downloads.start(first, noting(notes));
    await reached(first, (state) => state === "running");
    await Promise.resolve();
    downloads.cancel(first);
    expect(await ended(first)).toBe("cancelled");
    expect(aborts()).toBe(1);
    expect(notes).toEqual(["discard"]);
  });

  it("whose place ends by itself stops the network, and says why", async () => {
    const { downloads, aborts, ended, reached } = sourceOf({ gated: true });
    const notes: string[] = [];
    const sinks: ((reason: Problem) => void)[] = [];
    downloads.start(first, (stopped) => {
      sinks.push(stopped);
      return noting(notes)();
    });
    await reached(first, (state) => state === "running");
    await Promise.resolve();
    sinks[0]?.(new Problem("portal/saving-stopped", "No room."));
    expect(await ended(first)).toBe("failed");
    expect(downloads.state(first)).toMatchObject({ problem: { code: "portal/saving-stopped", message: "No room." } });
    expect([aborts(), ...notes]).toEqual([1, "discard"]);
    // A place that tells it late ends no other file.
    downloads.start(second, noting(notes));
    await reached(second, (state) => state === "running");
    sinks[0]?.(new Problem("portal/saving-stopped", "No room."));
    expect([aborts(), downloads.state(second).name]).toEqual([1, "running"]);
  });

  it("that cannot clean up after itself still ends", async () => {
    const { downloads, ended } = sourceOf({ failAt: 2 });
    downloads.start(first, noting([], { failAt: "discard" }));
    expect(await ended(first)).toBe("failed");
  });

  it("for which no place can be opened fails without reading", async () => {
    const { downloads, ended, opened } = sourceOf();
    downloads.start(first, () => Promise.reject(new Error("refused")));
    expect(await ended(first)).toBe("failed");
    expect(opened).toEqual([]);
  });
});

describe("the queue", () => {
  it("runs one file at a time, in order, each once", async () => {
    const { downloads, opened, ended } = sourceOf();
    const notes: string[] = [];
    downloads.start(first, noting(notes));
    downloads.start(second, noting(notes));
    downloads.start(first, noting(notes));
    expect(downloads.state(second).name).toBe("waiting");
    await ended(second);
    expect(opened).toEqual([first, second]);
    expect(notes).toEqual(["write 1", "write 2", "finish", "write 1", "write 2", "finish"]);
  });

  it("goes on after a failure", async () => {
    const { downloads, ended } = sourceOf();
    downloads.start(first, noting([], { failAt: "write" }));
    downloads.start(second, noting([]));
    expect(await ended(second)).toBe("verified");
    expect(downloads.state(first).name).toBe("failed");
  });

  it("lets a waiting file be cancelled without touching the running one", async () => {
    const { downloads, opened, aborts, ended } = sourceOf();
    downloads.start(first, noting([]));
    downloads.start(second, noting([]));
    downloads.cancel(second);
    expect(await ended(first)).toBe("verified");
    expect(downloads.state(second).name).toBe("cancelled");
    expect(aborts()).toBe(0);
    expect(opened).toEqual([first]);
  });

  it("forgets failures, and nothing else, when their reason is gone", async () => {
    const { downloads, ended } = sourceOf();
    downloads.start(first, noting([], { failAt: "write" }));
    downloads.start(second, noting([]));
    await ended(second);
    downloads.forgetFailures();
    expect(downloads.state(first).name).toBe("idle");
    expect(downloads.state(second).name).toBe("verified");
  });

  it("says which file waits for a lost connection", async () => {
    const { downloads, ended, reached } = sourceOf({ gated: true });
    downloads.noteRetrying(true);
    expect(downloads.state(first).name).toBe("idle");
    downloads.start(first, noting([]));
    downloads.start(second, noting([]));
    await reached(first, (state) => state === "running");
    downloads.noteRetrying(true);
    expect(downloads.state(first)).toMatchObject({ name: "running", retrying: true });
    expect(downloads.state(second).name).toBe("waiting");
    downloads.noteRetrying(false);
    expect(downloads.state(first)).toMatchObject({ name: "running", retrying: false });
    downloads.cancel(second);
    downloads.cancel(first);
    await ended(first);
  });

  it("gives the same snapshot until something changes", () => {
    const { downloads } = sourceOf();
    const before = downloads.snapshot();
    expect(downloads.snapshot()).toBe(before);
    downloads.cancel(first);
    expect(downloads.snapshot()).toBe(before);
    downloads.start(first, noting([]));
    expect(downloads.snapshot()).not.toBe(before);
  });
});
