/**
 * Tens of thousands of random steps through the use cases, with failing ports. PROPERTY_SEED repeats a run;
 * SIMULATION_STEPS makes it longer.
 */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { cheapCrypto } from "@safeconduct/testkit";
import { expect, test } from "vitest";
import { ExchangeWalk } from "./exchange-walk.ts";

const STEPS = Number.parseInt(process.env["SIMULATION_STEPS"] ?? "", 10) || 20_000;
const SEED = Number.parseInt(process.env["PROPERTY_SEED"] ?? "", 10) || 1;
/** One instance lives this long; then the next begins with another seed. */
const STEPS_PER_LIFE = 160;
/** In so many steps the rarest of what follows comes about twenty-four times. */
const STEPS_THAT_MEET_ALL = 20_000;
/** What a walk must have met, or it shows nothing. */
const MET = [
  "seal: done",
  "seal: transfer/seal-mismatch",
  "seal: transfer/parts-missing",
  "confirm: done",
  "confirm: grant/code-refused",
  "release: done",
  "release: grant/unavailable",
  "release: keys/unavailable",
  "receipt: done",
  "revoke: done",
  "revoke all: done",
  "abandon: done",
  "code: grant/code-wait",
  "sweep: done",
  "sweep: keys/unavailable",
  "sweep: storage/full",
  "sweep: ledger/unavailable",
  "put: storage/full",
];

test(`through ${STEPS} steps with failing ports every change has its one entry and nobody gets what they may not`, {
  timeout: Math.max(240_000, STEPS * 20),
}, async () => {
  const crypto = cheapCrypto(nodeCrypto());
  const met = new Map<string, number>();
  for (let life = 0; life * STEPS_PER_LIFE < STEPS; life++) {
    const seed = SEED + life;
    const walk = await ExchangeWalk.open({ crypto, seed });
    let step = 0;
    try {
      for (; step < Math.min(STEPS_PER_LIFE, STEPS - life * STEPS_PER_LIFE); step++) await walk.step();
      await walk.finish();
    } catch (error) {
      throw new Error(`step ${step} of the life with PROPERTY_SEED=${seed}`, { cause: error });
    }
    for (const [outcome, count] of walk.outcomes) met.set(outcome, (met.get(outcome) ?? 0) + count);
  }
  const due = STEPS >= STEPS_THAT_MEET_ALL ? MET : [];
  expect(due.filter((outcome) => !met.has(outcome))).toEqual([]);
});
