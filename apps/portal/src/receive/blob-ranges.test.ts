import { Problem } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { blobRanges, PAUSES_MS, REFUSALS_LIMIT } from "./blob-ranges.ts";

const blob = Uint8Array.from({ length: 100 }, (_, index) => index);
const LATER = 1_000_000;

interface Call {
  readonly url: string;
  readonly range: string | null;
}

/** A blob server that answers with `answers` in turn, then with the range itself. */
function serverOf(...answers: (Response | "lost")[]) {
  const calls: Call[] = [];
  const pauses: number[] = [];
  let renewals = 0;
  let clock = 0;
  const ranges = blobRanges({
    target: { url: "/blob?0", expiresAt: LATER },
    refresh: async () => ({ url: `/blob?${++renewals}`, expiresAt: LATER }),
    fetch: async (input, init) => {
      const range = new Headers(init?.headers).get("range");
      calls.push({ url: input as string, range });
      init?.signal?.throwIfAborted();
      const answer = answers.shift();
      if (answer === "lost") throw new TypeError("network");
      return answer ?? partOf(range);
    },
    now: () => clock,
    pause: async (ms) => void pauses.push(ms),
  });
  return { ranges, calls, pauses, setClock: (to: number) => (clock = to), renewals: () => renewals };
}

function partOf(range: string | null): Response {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  return new Response(blob.slice(Number(from), Number(to) + 1), { status: 206 });
}

const refused = () => new Response("{}", { status: 403 });

describe("ranges of the blob", () => {
  it("asks for exactly the bytes", async () => {
    const server = serverOf();
    expect([...(await server.ranges.read(10, 3))]).toEqual([10, 11, 12]);
    expect(server.calls).toEqual([{ url: "/blob?0", range: "bytes=10-12" }]);
  });

  it("renews an address shortly before its end, and not earlier", async () => {
    const server = serverOf();
    server.setClock(LATER - 5_001);
    await server.ranges.read(0, 1);
    expect(server.renewals()).toBe(0);
    server.setClock(LATER - 5_000);
    await server.ranges.read(0, 1);
    expect(server.renewals()).toBe(1);
    expect(server.calls.at(-1)?.url).toBe("/blob?1");
  });

  it("renews an address that is refused and goes on", async () => {
    const server = serverOf(refused());
    expect([...(await server.ranges.read(1, 1))]).toEqual([1]);
    expect(server.calls.map(({ url }) => url)).toEqual(["/blob?0", "/blob?1"]);
  });

  it("gives up when fresh addresses are refused as well", async () => {
    const server = serverOf(...Array.from({ length: REFUSALS_LIMIT + 1 }, refused));
    await expect(server.ranges.read(0, 1)).rejects.toMatchObject({ code: "http/unreachable" });
    expect(server.calls).toHaveLength(REFUSALS_LIMIT + 1);
  });

  it("passes on why there is no fresh address", async () => {
    const ranges = blobRanges({
      target: { url: "/blob", expiresAt: LATER },
      refresh: () => Promise.reject(new Problem("grant/unavailable", "Gone.")),
      fetch: async () => refused(),
      now: () => 0,
      pause: async () => undefined,
    });
    await expect(ranges.read(0, 1)).rejects.toMatchObject({ code: "grant/unavailable" });
  });

  it("tries a lost connection again after each pause, then says so", async () => {
    const enough = serverOf(...PAUSES_MS.map(() => "lost" as const));
    expect([...(await enough.ranges.read(5, 1))]).toEqual([5]);
    expect(enough.pauses).toEqual(PAUSES_MS);
    const tooMany = serverOf(...PAUSES_MS.map(() => "lost" as const), "lost");
    await expect(tooMany.ranges.read(5, 1)).rejects.toMatchObject({ code: "http/unreachable" });
  });

  it("takes a failing server for a lost connection", async () => {
    const server = serverOf(new Response(null, { status: 503 }));
    expect([...(await server.ranges.read(5, 1))]).toEqual([5]);
    expect(server.pauses).toEqual(PAUSES_MS.slice(0, 1));
  });

  it("does not read a whole blob that it did not ask for", async () => {
    const server = serverOf(new Response(blob, { status: 200, headers: { "content-length": "100" } }));
    await expect(server.ranges.read(0, 10)).rejects.toBeInstanceOf(Problem);
  });

  it("passes a withdrawal on at once", async () => {
    const gone = { type: "about:blank", title: "Gone.", status: 404, code: "grant/unavailable" };
    const server = serverOf(Response.json(gone, { status: 404 }));
    await expect(server.ranges.read(0, 1)).rejects.toMatchObject({ code: "grant/unavailable", message: "Gone." });
    expect(server.calls).toHaveLength(1);
  });

  it("stops at once when it is aborted, without a further try, and works again afterwards", async () => {
    const server = serverOf("lost", "lost");
    const reading = server.ranges.read(0, 1);
    server.ranges.abort();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    expect(server.calls.length).toBeLessThanOrEqual(1);
    const fresh = serverOf();
    fresh.ranges.abort();
    expect([...(await fresh.ranges.read(2, 1))]).toEqual([2]);
  });
});
