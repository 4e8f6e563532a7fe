import { keysProblem, type ShowLedgerRequest } from "@safeconduct/keyring";
import { describe, expect, it } from "vitest";
import { LedgerShower } from "./shown-ledger.ts";

const checkpointOf = (size: number) => `log\n${size}\n${"A".repeat(43)}=\n\n— log AAAAAAA=\n`;

/** A key service that knows one size, takes only what says this size, and alarms over a ledger that is behind it. */
function scene() {
  const state = { seen: 0, size: 5, shown: [] as ShowLedgerRequest[], kills: 0 };
  const ledger = {
    current: () => ({ size: state.size, checkpointText: checkpointOf(state.size) }),
    prove: async ({ oldSize }: { oldSize: number }) => [new Uint8Array([oldSize])],
  };
  const shower = new LedgerShower(ledger, {
    ledgerState: async () => ({ verifierKey: "key", checkpoint: state.seen === 0 ? "" : checkpointOf(state.seen) }),
    showLedger: async (request) => {
      state.shown.push(request);
      if (state.kills > 0) {
        state.kills -= 1;
        state.seen -= 1;
      }
      if (request.oldSize !== state.seen) throw keysProblem("keys/ledger-not-shown");
      if (state.size < state.seen) throw keysProblem("keys/ledger-rolled-back");
      state.seen = state.size;
    },
  });
  const sizes = () => state.shown.map(({ oldSize }) => oldSize);
  return { state, shower, sizes };
}

describe("a ledger that is shown", () => {
  it("is shown again from what a killed key service still knows", async () => {
    const { state, shower, sizes } = scene();
    await shower.show();
    // kill -9: the checkpoint of size 5 was not written down.
    state.seen = 3;
    state.size = 8;
    await shower.show();
    expect(state.seen).toBe(8);
    expect(sizes()).toEqual([0, 5, 3]);
    expect(state.shown.map(({ proof }) => proof[0]?.[0])).toEqual([0, 5, 3]);
  });

  it("is shown anew twice and not more, where the key service forgets each time", async () => {
    for (const [kills, outcome] of [
      [2, "shown"],
      [3, "keys/ledger-not-shown"],
    ] as const) {
      const { state, shower, sizes } = scene();
      state.seen = 9;
      state.size = 20;
      state.kills = kills;
      expect(
        await shower.show().then(
          () => "shown",
          (error: { code: string }) => error.code,
        ),
      ).toBe(outcome);
      expect(sizes()).toEqual([9, 8, 7]);
    }
  });

  it("that is behind the key service is refused once and with its alarm, however often it is shown", async () => {
    const { state, shower, sizes } = scene();
    state.seen = 9;
    for (let tries = 0; tries < 2; tries++)
      await expect(shower.show()).rejects.toMatchObject({ code: "keys/ledger-rolled-back" });
    expect(sizes()).toEqual([9, 9]);
  });
});
