/** Intake keys live for hours: what was recorded under one is worth nothing to whoever takes the key service over later. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { openShare, transferShareContext, verifyIntakeKey } from "@safeconduct/envelope";
import { type Bytes, hexText } from "@safeconduct/foundation";
import { fakeKeyService, KeyServiceScene, MemoryRingStore, outcomeOf } from "@safeconduct/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { INTAKE_ACCEPTED_MS, INTAKE_KEY_LIMIT, INTAKE_ROTATION_MS, INTAKE_USABLE_MS } from "./limits.ts";
import { decodeRing } from "./ring-encoding.ts";

const crypto = nodeCrypto();
const START = 1_800_000_000_000;
let now = START;
let elapsed: number | null = null;
const clock = { now: () => now, monotonic: () => elapsed ?? now };

let store: MemoryRingStore;
let keys: Awaited<ReturnType<typeof fakeKeyService>>;
let scene: KeyServiceScene;
beforeEach(async () => {
  now = START;
  elapsed = null;
  store = new MemoryRingStore();
  await start();
});

async function start(): Promise<void> {
  keys = await fakeKeyService({ crypto, clock, store });
  scene = new KeyServiceScene({ crypto, clock, keys });
}

const intakeAt = async (time: number) => {
  now = time;
  return (await keys.publicKeys()).intake;
};
/** The stored ring with everything journalled folded in. */
async function storedRing() {
  await keys.shred(scene.named({ transfers: [await scene.drawTransfer()] }));
  return decodeRing(store.ring);
}

describe("an intake key", () => {
  it("is signed by the pinned key with the times in which clients may use it", async () => {
    const { signingPublicKey, intake } = await keys.publicKeys();
    expect(await verifyIntakeKey(crypto, { signingPublicKey, key: intake })).toBe(true);
    expect([intake.notBefore, intake.notAfter]).toEqual([START, START + INTAKE_USABLE_MS]);
  });

  it("serves for an hour, over a restart too, and makes way for another", async () => {
    const first = await intakeAt(START);
    expect(await intakeAt(START + INTAKE_ROTATION_MS - 1)).toEqual(first);
    await start();
    expect((await intakeAt(START + INTAKE_ROTATION_MS - 1)).publicKey).toEqual(first.publicKey);
    const second = await intakeAt(START + INTAKE_ROTATION_MS);
    expect(second.publicKey).not.toEqual(first.publicKey);
    expect(second.notBefore).toBe(START + INTAKE_ROTATION_MS);
  });

  it("is made once for many that ask at once", async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => keys.publicKeys()));
    expect(new Set(asked.map(({ intake }) => hexText(intake.publicKey))).size).toBe(1);
  });

  it("takes in what was sealed to it a day ago, and nothing after that", async () => {
    const [early, late] = [await scene.drawTransfer(), await scene.drawTransfer()];
    await intakeAt(START + INTAKE_ROTATION_MS);
    now = START + INTAKE_ACCEPTED_MS - 1;
    expect(await outcomeOf(keys.addTransfer(early.request))).toBe("done");
    now = START + INTAKE_ACCEPTED_MS;
    expect(await outcomeOf(keys.addTransfer(late.request))).toBe("keys/bad-share");
  });

  it("made by a clock that was ahead is not given out", async () => {
    const ahead = await intakeAt(START + 1_000_000);
    const now = await intakeAt(START);
    expect(now.publicKey).not.toEqual(ahead.publicKey);
    expect(now.notBefore).toBe(START);
  });
});

describe("an outlived intake key", () => {
  it("is destroyed, and opens nothing that was recorded under it", async () => {
    const transfer = await scene.drawTransfer();
    await keys.addTransfer(transfer.request);
    const [held] = (await storedRing()).intakeKeys;
    const privateKey = new Uint8Array(held?.privateKey ?? []);
    const opened = (key: Bytes) =>
      openShare(crypto, {
        privateKey: key,
        context: transferShareContext(transfer),
        sealed: transfer.request.sealedTransferShare,
      });
    expect(await opened(privateKey)).toEqual(transfer.share);

    now = START + INTAKE_ACCEPTED_MS;
    const generation = store.generation;
    await keys.core.destroyOldIntake();
    expect(store.generation).toBe(generation + 1);
    for (const stored of [store.ring, ...store.journal]) {
      expect(hexText(stored)).not.toContain(hexText(privateKey));
    }
    for (const key of (await storedRing()).intakeKeys) expect(await opened(key.privateKey)).toBeNull();
    expect(await scene.stateOf({ transfers: [transfer] })).toEqual(["active"]);
  });

  it("stays while the clock is not believed: drafts that are under way still come in when it is set right", async () => {
    const transfer = await scene.drawTransfer();
    elapsed = START;
    now = START + INTAKE_ACCEPTED_MS;
    expect((await keys.clock()).state).toBe("ahead");
    await keys.core.destroyOldIntake();
    now = START;
    expect((await keys.clock()).state).toBe("steady");
    expect(await outcomeOf(keys.addTransfer(transfer.request))).toBe("done");
  });

  it("goes as well when a clock that was ahead has made it and is right again", async () => {
    elapsed = START;
    const { publicKey } = await intakeAt(START + 10 * INTAKE_ACCEPTED_MS);
    const { publicKey: right } = await intakeAt(START);
    await keys.core.destroyOldIntake();
    const stored = (await storedRing()).intakeKeys.map((key) => hexText(key.publicKey));
    expect(stored).toContain(hexText(right));
    expect(stored).not.toContain(hexText(publicKey));
  });

  it("is not looked for anew where there is none", async () => {
    await intakeAt(START);
    const { generation } = store;
    now = START + INTAKE_ACCEPTED_MS - 1;
    await keys.core.destroyOldIntake();
    expect(store.generation).toBe(generation);
  });

  it("stays where the ring could not be written, and goes the next time", async () => {
    await intakeAt(START);
    now = START + INTAKE_ACCEPTED_MS;
    store.failing = "taken-back";
    expect(await outcomeOf(keys.core.destroyOldIntake())).toBe("keys/unavailable");
    store.failing = null;
    await keys.core.destroyOldIntake();
    expect((await storedRing()).intakeKeys).toHaveLength(1);
  });
});

it("an alarm of the clock that lasts does not fill the ring with intake keys", async () => {
  elapsed = START;
  for (let hour = 1; hour < INTAKE_KEY_LIMIT + 5; hour++) await intakeAt(START + hour * INTAKE_ROTATION_MS);
  expect((await keys.clock()).state).toBe("ahead");
  await keys.core.destroyOldIntake();
  expect((await storedRing()).intakeKeys).toHaveLength(INTAKE_KEY_LIMIT);
});

it("a clock that jumps about does not fill the ring with intake keys", async () => {
  for (let jump = 0; jump < INTAKE_KEY_LIMIT + 5; jump++) await intakeAt(START - jump);
  await keys.core.destroyOldIntake();
  expect((await storedRing()).intakeKeys.length).toBeLessThanOrEqual(INTAKE_KEY_LIMIT);
});
