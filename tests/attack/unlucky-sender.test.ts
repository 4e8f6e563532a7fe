/** A sender whose clock is off, whose server is full or who changes their mind: clear words, and nothing half-done stays. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { Problem } from "@safeconduct/foundation";
import { type Desk, ExchangeScene, known } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { sendAgainst } from "./sending-against.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto: nodeCrypto() });
  desk = await scene.desk();
});

const transfers = () => scene.store.read((view) => view.transfersOf(desk.organisation.id, { limit: 10, after: null }));
async function heldBlobs(): Promise<string[]> {
  const held: string[] = [];
  for await (const id of scene.blobs.list()) held.push(id);
  return held;
}

describe("a client's clock", () => {
  test.for<[string, number]>([
    ["a day ahead", DAY_MS],
    ["a day behind", -DAY_MS],
    ["a month ahead", 30 * DAY_MS],
    ["a month behind", -30 * DAY_MS],
    ["years ahead", 2000 * DAY_MS],
    ["a second more than forgiven ahead", 5 * MINUTE_MS + 1000],
    ["a second more than forgiven behind", -5 * MINUTE_MS - 1000],
  ])("%s is named, before anything is uploaded", async ([, aheadMs]) => {
    let parts = 0;
    const sending = sendAgainst(scene, desk, { aheadMs, onPart: () => parts++ });
    await expect(sending).rejects.toMatchObject({ code: "client/clock-wrong" });
    expect(parts).toBe(0);
    expect((await transfers()).every(({ state }) => state === "abandoned")).toBe(true);
  });

  test.for([5 * MINUTE_MS, -5 * MINUTE_MS, 0])("%s ms off is forgiven", async (aheadMs) => {
    const sent = await sendAgainst(scene, desk, { aheadMs });
    expect(sent.links).toHaveLength(1);
  });
});

describe("a sending that fails half-way", () => {
  const several = { files: [1, 2, 3].map((number) => bigFile(`part-${number}.bin`)) };

  test("on a full server gives its space back", async () => {
    let parts = 0;
    const sending = sendAgainst(scene, desk, {
      fields: several,
      onPart: () => {
        if (++parts > 1) throw new Problem("storage/full", "The storage is full.");
      },
    });
    await expect(sending).rejects.toMatchObject({ code: "storage/full" });
    expect(await heldBlobs()).toHaveLength(1);
    expect(known((await transfers())[0]).state).toBe("abandoned");
    await scene.sweep();
    expect(await heldBlobs()).toEqual([]);
  });

  test("by Ctrl-C leaves a transfer that nobody can open and that is destroyed", async () => {
    const stop = new AbortController();
    let parts = 0;
    const sending = sendAgainst(scene, desk, {
      fields: several,
      signal: stop.signal,
      onPart: () => {
        if (++parts > 1) stop.abort();
      },
    });
    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
    const { id, state } = known((await transfers())[0]);
    expect(state).toBe("abandoned");
    await scene.sweep();
    expect(known((await transfers())[0]).state).toBe("destroyed");
    expect(await heldBlobs()).toEqual([]);
    expect(await scene.entries(id)).toEqual(["transfer/drafted", "transfer/abandoned", "transfer/destroyed"]);
  });

  test("while the server is away still ends", async () => {
    let parts = 0;
    const sending = sendAgainst(scene, desk, {
      fields: several,
      onPart: () => {
        if (++parts === 1) return;
        scene.watch.before("store.transaction", () => {
          throw scene.outage("store");
        });
        throw new Problem("storage/full", "The storage is full.");
      },
    });
    await expect(sending).rejects.toMatchObject({ code: "storage/full" });
  });
});

function bigFile(path: string) {
  const sizeBytes = 4 * 1024 * 1024;
  return {
    path,
    mediaType: "application/octet-stream",
    sizeBytes,
    read: async (offset: number, length: number) => new Uint8Array(Math.min(length, sizeBytes - offset)),
  };
}
