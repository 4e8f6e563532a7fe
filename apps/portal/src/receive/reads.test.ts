import { describe, expect, it } from "vitest";
import { Reads } from "./reads.ts";

/** A network that answers nothing until it is aborted. */
const silent: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new DOMException("stopped", "AbortError"));
    if (init?.signal?.aborted === true) stop();
    init?.signal?.addEventListener("abort", stop);
  });
const echo: typeof fetch = async (_, init) => {
  init?.signal?.throwIfAborted();
  return new Response("bytes");
};

describe("reads of a visit", () => {
  it("end at once when they are cancelled", async () => {
    const reads = new Reads(silent);
    const reading = reads.fetch("/blob");
    reads.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  it("end as well when the caller's own signal says so", async () => {
    const reads = new Reads(silent);
    const own = new AbortController();
    const reading = reads.fetch("/blob", { signal: own.signal });
    own.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  it("stay cancelled between two tries, and work again for the next file", async () => {
    const reads = new Reads(echo);
    reads.abort();
    await expect(reads.fetch("/blob")).rejects.toMatchObject({ name: "AbortError" });
    await expect(reads.wait(0)).rejects.toMatchObject({ name: "AbortError" });
    reads.begin();
    expect(await (await reads.fetch("/blob")).text()).toBe("bytes");
    await expect(reads.wait(0)).resolves.toBeUndefined();
  });

  it("tell while a lost connection is waited for", async () => {
    const reads = new Reads(echo);
    const heard: boolean[] = [];
    reads.onRetry = (retrying) => void heard.push(retrying);
    await reads.wait(0);
    expect(heard).toEqual([true, false]);
  });

  it("stop waiting when they are cancelled", async () => {
    const reads = new Reads(echo);
    const heard: boolean[] = [];
    reads.onRetry = (retrying) => void heard.push(retrying);
    const waiting = reads.wait(3_600_000);
    reads.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    expect(heard).toEqual([true, false]);
  });
});
