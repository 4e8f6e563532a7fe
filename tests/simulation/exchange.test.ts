/**
 * Tens of thousands of random steps through the use cases, with failing ports, jumping clocks and restarts. PROPERTY_SEED repeats
 * a run; `npm run simulate` makes it longer.
 */
import { expect, test } from "vitest";
import { live, liveMany } from "./lives.ts";

const STEPS = 20_000;
const SEED = Number.parseInt(process.env["PROPERTY_SEED"] ?? "", 10) || 1;
/** What a walk must have met, or it shows nothing. */
const MET = [
  "send: done",
  "send: transfer/over-quota",
  "seal: done",
  "seal: transfer/seal-mismatch",
  "seal: transfer/parts-missing",
  "seal: transfer/unknown",
  "confirm: done",
  "confirm: grant/code-refused",
  "code: grant/code-wait",
  "passcode: done",
  "passcode: grant/factor-refused",
  "release: done",
  "release: grant/factor-required",
  "release: grant/unavailable",
  "journey: done",
  "journey: keys/unavailable",
  "journey: ledger/unavailable",
  "journey: store/unavailable",
  "receipt: done",
  "revoke: done",
  "revoke all: done",
  "abandon: done",
  "erase: done",
  "add: done",
  "add: transfer/second-factor-required",
  "open own: done",
  "readd: done",
  "readd: keys/shredded",
  "anchor: done",
  "certificate: done",
  "hold: done",
  "sweep: done",
  "sweep: keys/held",
  "sweep: keys/unavailable",
  "sweep: ledger/unavailable",
  "thief: done",
  "thief: keys/suspended",
  "thief: keys/capped",
  "clock: jumped",
  "clock: back over an end",
  "server: killed",
  "key service: started",
  "store.transaction before",
  "store.transaction after",
  "tiles.writeTiles half",
  "tiles.writeCheckpoint after",
  "mail.send after",
  "blobs.delete before",
];

test(`through ${STEPS} steps with failing ports, clocks and machines nobody gets what they may not and nothing is told before it stands`, {
  timeout: 600_000,
}, async () => {
  const { met } = await liveMany({ steps: STEPS, seed: SEED });
  expect(MET.filter((outcome) => !met.has(outcome))).toEqual([]);
});

test("the same seed makes the same life", async () => {
  const [first, second] = [new Map<string, number>(), new Map<string, number>()];
  await live(SEED, first);
  await live(SEED, second);
  expect(second).toEqual(first);
});
