import { keysProblem, type ShowLedgerRequest } from "@safeconduct/keyring";
import { describe, expect, it } from "vitest";
import { LedgerShower } from "./shown-ledger.ts";

const checkpointOf = (size: number) => `log\n${size}\n${"A".repeat(43)}=\n\n— log AAAAAAA=\n`;

/** A key service that knows one size and takes only a proof that begins there; proofs name their range. */
function scene() {
  const state = { seen: 0, size: 5, shown: [] as ShowLedgerRequest[] };
  const ledger = {
    verifierKey: "key",
    current: () => ({ size: state.size, checkpointText: checkpointOf(state.size) }),
    prove: async ({ oldSize }: { oldSize: number }) => [new Uint8Array([oldSize])],
  };
  const shower = new LedgerShower(ledger, {
    ledgerState: async () => ({ verifierKey: "key", checkpoint: state.seen === 0 ? "" : checkpointOf(state.seen) }),
    showLedger: async (request) => {
      state.shown.push(request);
      const from = request.proof[0]?.[0] ?? state.size;
      if (from !== state.seen || state.size < state.seen) throw keysProblem("keys/ledger-rolled-back");
      state.seen = state.size;
    },
  });
  return { state, shower };
}

describe("a ledger that is shown", () => {
  it("is shown again from what a killed key service still knows, before anybody believes in a rollback", async () => {
    const { state, shower } = scene();
    await shower.show();
    // kill -9: the checkpoint of size 5 was not written down.
    state.seen = 3;
    state.size = 8;
    await shower.show();
    expect(state.seen).toBe(8);
    expect(state.shown.map(({ proof }) => proof[0]?.[0])).toEqual([0, 5, 3]);
  });

  it("that is behind the key service is refused, however often it is shown", async () => {
    const { state, shower } = scene();
    state.seen = 9;
    for (let tries = 0; tries < 2; tries++)
      await expect(shower.show()).rejects.toMatchObject({ code: "keys/ledger-rolled-back" });
  });
});
