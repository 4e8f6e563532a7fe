/** Two custodians and the clock: who counts, what it takes, and what nobody can do alone. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import type { Bytes } from "@safeconduct/foundation";
import { fakeKeyService, KeyServiceScene, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { CONFIRMATION_LIFE_MS, signClockConfirmation } from "./clock-confirmation.ts";
import { CLOCK_TOLERANCE_MS } from "./clock-guard.ts";
import { openStatement } from "./statement.ts";

const crypto = nodeCrypto();
const START = 1_800_000_000_000;
const DAY_MS = 86_400_000;
let wall = START;
let elapsed = 0;
const clock = { now: () => wall, monotonic: () => elapsed };

type Custodian = Awaited<ReturnType<typeof crypto.signatures.generateKeyPair>>;
let keys: Awaited<ReturnType<typeof fakeKeyService>>;
let scene: KeyServiceScene;
let [anna, ben, carla, stranger]: Custodian[] = [];
beforeEach(async () => {
  [wall, elapsed] = [START, 0];
  [anna, ben, carla, stranger] = await Promise.all([1, 2, 3, 4].map(() => crypto.signatures.generateKeyPair()));
  const custodians = [anna, ben, carla].map((one) => (one as Custodian).publicKey);
  keys = await fakeKeyService({ crypto, clock, custodians });
  scene = new KeyServiceScene({ crypto, clock, keys });
});

async function confirm(
  by: Custodian | undefined,
  { audience, privateKey, ...changed }: { resets?: number; time?: number; audience?: Bytes; privateKey?: Bytes } = {},
) {
  if (by === undefined) throw new Error("not drawn");
  const { organisation } = scene;
  const confirmation = { organisation, custodian: by.publicKey, resets: 0, time: wall, ...changed };
  const signature = await signClockConfirmation(crypto.signatures, {
    privateKey: privateKey ?? by.privateKey,
    audience: audience ?? (await keys.publicKeys()).signingPublicKey,
    confirmation,
  });
  return keys.confirmClock({ confirmation, signature });
}

describe("after a jump of the clock", () => {
  let due: Awaited<ReturnType<KeyServiceScene["transferWithGrant"]>>;
  const byTime = { checkpointAt: null };
  beforeEach(async () => {
    due = await scene.transferWithGrant({ notAfter: START + 1 });
    wall += 3 * DAY_MS;
  });

  it("what is due by time waits", async () => {
    const named = scene.named({ transfers: [due.transfer] });
    expect(await outcomeOf(keys.shred(named, byTime))).toBe("keys/clock-stopped");
    expect(await scene.stateOf({ transfers: [due.transfer] })).toEqual(["active"]);
  });

  it("two custodians let destruction by time go on, and a signed statement says so", async () => {
    expect(await confirm(anna)).toMatchObject({ missing: 1 });
    const { missing, statement: signed } = await confirm(ben);
    expect(missing).toBe(0);
    const { signingPublicKey: publicKey } = await keys.publicKeys();
    expect(await openStatement(crypto.signatures, { publicKey, signed })).toEqual({
      kind: "clock-reset",
      organisation: scene.organisation,
      custodians: [anna, ben].map((one) => crypto.sha256((one as Custodian).publicKey)),
      resets: 1,
      highWaterAt: START,
      at: wall,
    });
    expect(await keys.clock()).toMatchObject({ state: "steady", resets: 1, highWaterAt: wall });
    expect(await outcomeOf(keys.shred(scene.named({ transfers: [due.transfer] }), byTime))).toBe("done");
  });

  it("one custodian alone does not, however often", async () => {
    for (let time = 0; time < 3; time++) expect(await confirm(anna)).toMatchObject({ missing: 1 });
    expect((await keys.clock()).state).toBe("ahead");
  });

  it("an order still destroys at once", async () => {
    expect(await outcomeOf(keys.shred(scene.named({ transfers: [due.transfer] })))).toBe("done");
  });

  it.each([
    ["a stranger's", "keys/not-a-custodian", () => confirm(stranger)],
    [
      "a custodian's, signed by somebody else: that",
      "keys/bad-confirmation",
      () => confirm(anna, { privateKey: stranger?.privateKey ?? new Uint8Array(32) }),
    ],
    [
      "a custodian's for another key service: that",
      "keys/bad-confirmation",
      () => confirm(anna, { audience: new Uint8Array(32) }),
    ],
    ["a custodian's for another reset: that", "keys/bad-confirmation", () => confirm(anna, { resets: 1 })],
    [
      "a custodian's by a clock that differs: that",
      "keys/clocks-differ",
      () => confirm(anna, { time: wall - CLOCK_TOLERANCE_MS - 1 }),
    ],
    ["a custodian's by the clock before the jump: that", "keys/clocks-differ", () => confirm(anna, { time: START })],
  ])("%s confirmation does not count", async (_whose, code, ask) => {
    await confirm(ben);
    expect(await outcomeOf(ask())).toBe(code);
    expect(await keys.clock()).toMatchObject({ state: "ahead", confirmed: 1 });
  });

  it("a word about this clock does not count once the clock has been moved again, nor for the next alarm", async () => {
    await confirm(anna);
    wall += CLOCK_TOLERANCE_MS + 1;
    expect(await confirm(ben)).toMatchObject({ missing: 1 });
    wall = START;
    expect(await keys.clock()).toMatchObject({ state: "steady", confirmed: 0 });
    wall += 3 * DAY_MS;
    expect(await confirm(anna)).toMatchObject({ missing: 1 });
  });

  it("the state says how long it has lasted, by the time that has passed and not by the clock that is wrong", async () => {
    await keys.clock();
    wall += 9000;
    elapsed += 9000;
    expect(await keys.clock()).toMatchObject({ state: "ahead", lastedMs: 9000, custodians: 3, confirmed: 0 });
  });

  it("a confirmation waits for the second one as long as it lives", async () => {
    await confirm(anna);
    for (const [away, missing] of [
      [CONFIRMATION_LIFE_MS + 1, 1],
      [CONFIRMATION_LIFE_MS, 0],
    ]) {
      wall += away ?? 0;
      elapsed += away ?? 0;
      expect(await confirm(missing === 1 ? ben : carla)).toMatchObject({ missing });
    }
  });

  it("what led to one reset does not count for the next", async () => {
    await confirm(anna);
    await confirm(ben);
    wall += 3 * DAY_MS;
    expect(await outcomeOf(confirm(anna))).toBe("keys/bad-confirmation");
    expect(await confirm(anna, { resets: 1 })).toMatchObject({ missing: 1 });
    expect(await confirm(carla, { resets: 1 })).toMatchObject({ missing: 0 });
  });

  it("a reset outlives the process, and so does an alarm that nobody ended", async () => {
    await confirm(anna);
    await keys.core.idle();
    const again = async () => fakeKeyService({ crypto, clock, store: keys.store });
    expect(await (await again()).clock()).toMatchObject({ state: "ahead", resets: 0 });
    await confirm(ben);
    expect(await (await again()).clock()).toMatchObject({ state: "steady", resets: 1 });
  });
});

describe("a clock that is put back", () => {
  it("does not open again what had ended, after a new start either", async () => {
    const { grant } = await scene.transferWithGrant({ notAfter: START + DAY_MS });
    wall += 2 * DAY_MS;
    elapsed += 2 * DAY_MS;
    await keys.core.keepTime();
    wall = START + 1;
    const device = await scene.drawDevice();
    expect(await outcomeOf(device.ask(grant))).toBe("keys/ended");
    const started = await fakeKeyService({ crypto, clock, store: keys.store });
    expect(await started.clock()).toMatchObject({ state: "behind", highWaterAt: START + 2 * DAY_MS });
  });
});
