/**
 * Tens of thousands of random steps through the use cases, with failing ports, jumping clocks and restarts: lives that are the same
 * in every run, which must meet what is listed below, and new ones with each run. PROPERTY_SEED repeats these; `npm run simulate`
 * makes the walk longer.
 */
import { expect, test } from "vitest";
import { live, liveMany } from "./lives.ts";

/** Lives that never change: whether a rare outcome comes within so few steps would otherwise be chance. */
const KNOWN_STEPS = 20_000;
const KNOWN_SEED = 2_001;
const NEW_STEPS = 8_000;
const NEW_SEED = Number.parseInt(process.env["PROPERTY_SEED"] ?? "", 10) || 1_000_001;
/** What the known lives must have met, or they show nothing. */
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
];
/** Calls that must have failed: before, half way or after. */
const FAILED = [
  "tiles.writeTiles",
  "tiles.writeCheckpoint",
  "mail.send",
  "blobs.putPart",
  "blobs.delete",
  "keys.shred",
];

test(`through ${KNOWN_STEPS} steps with failing ports, clocks and machines nobody gets what they may not and nothing is told before it stands`, {
  timeout: 600_000,
}, async () => {
  const { met } = await liveMany({ steps: KNOWN_STEPS, seed: KNOWN_SEED });
  expect(MET.filter((outcome) => !met.has(outcome))).toEqual([]);
  const failed = new Set([...met.keys()].map((label) => label.replace(/ (?:before|half|after)$/, "")));
  expect(FAILED.filter((call) => !failed.has(call))).toEqual([]);
});

test(`nor through ${NEW_STEPS} steps that no run has walked before`, { timeout: 300_000 }, async () => {
  const { steps } = await liveMany({ steps: NEW_STEPS, seed: NEW_SEED });
  expect(steps).toBeGreaterThanOrEqual(NEW_STEPS);
});

test("the same seed makes the same life", async () => {
  const [first, second] = [new Map<string, number>(), new Map<string, number>()];
  await live(NEW_SEED, first);
  await live(NEW_SEED, second);
  expect(second).toEqual(first);
});
