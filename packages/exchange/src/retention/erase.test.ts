import { nodeCrypto } from "@safeconduct/crypto-node";
import { parseCertificate, verifyCertificate } from "@safeconduct/ledger";
import { cheapCrypto, type Desk, ExchangeScene, outcomeOf, sealedTransfer } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { certificateOf } from "../transfers/issue-certificate.ts";
import { revokeTransfer } from "../transfers/revoke.ts";
import { eraseTransfer } from "./erase.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

async function destroyed() {
  const { id } = await sealedTransfer(scene, desk);
  await revokeTransfer(scene.deps, desk.caller, id);
  await scene.sweep();
  return id;
}
const certificate = async (id: Awaited<ReturnType<typeof destroyed>>) =>
  parseCertificate(
    await certificateOf(
      {
        ...scene.deps,
        now: scene.clock.now(),
        ledger: {
          size: scene.ledger.size,
          readTile: (path: string) => scene.tiles.readTile(path),
          checkpointCovering: async () => ({ size: scene.ledger.size, text: scene.ledger.checkpointText }),
        },
      },
      desk.caller,
      id,
    ),
  );
const verify = (given: Awaited<ReturnType<typeof certificate>>) =>
  verifyCertificate(crypto, given, { logKey: scene.logKey });

describe("an erased transfer", () => {
  test("keeps every proof, and nothing that says who", async () => {
    const id = await destroyed();
    const before = await certificate(id);
    await eraseTransfer(scene.deps, desk.caller, id);
    const after = await certificate(id);
    expect(await verify(after)).toMatchObject({ ok: true, transferProven: false });
    expect(after.entries.map(({ event }) => event?.["type"] ?? null)).toEqual([
      ...before.entries.map(() => null),
      "transfer/erased",
    ]);
    expect(after.subjectSalt).toBeNull();
    const grants = await scene.store.read((view) => view.grantsOf(id));
    expect(grants.map(({ address, name }) => [address, name])).toEqual(grants.map(() => ["", null]));
    // Whoever saved it keeps what they were told.
    expect(await verify(before)).toMatchObject({ ok: true, transferProven: true });
  });

  test("is erased once, however often it is asked for", async () => {
    const id = await destroyed();
    await Promise.all([1, 2, 3].map(() => eraseTransfer(scene.deps, desk.caller, id)));
    const types = await scene.entries();
    expect(types.filter((type) => type === "transfer/erased")).toHaveLength(1);
  });

  test("has lost nothing when the ledger could not be written, and is erased by asking again", async () => {
    const id = await destroyed();
    scene.watch.before("tiles.writeCheckpoint", () => {
      throw scene.outage("tiles");
    });
    expect(await outcomeOf(eraseTransfer(scene.deps, desk.caller, id))).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await outcomeOf(eraseTransfer(scene.deps, desk.caller, id))).toBe("done");
    expect((await scene.entries()).filter((type) => type === "transfer/erased")).toHaveLength(1);
  });

  test("leaves other transfers alone", async () => {
    const [id, other] = [await destroyed(), await destroyed()];
    await eraseTransfer(scene.deps, desk.caller, id);
    expect((await certificate(other)).entries.every(({ event }) => event !== null)).toBe(true);
    expect(await verify(await certificate(other))).toMatchObject({ ok: true, transferProven: true });
  });
});

describe("nothing is erased", () => {
  test("while keys or content are there", async () => {
    const { id } = await sealedTransfer(scene, desk);
    expect(await outcomeOf(eraseTransfer(scene.deps, desk.caller, id))).toBe("transfer/not-destroyed");
    expect((await certificate(id)).entries.every(({ event }) => event !== null)).toBe(true);
  });

  test("for somebody else", async () => {
    const id = await destroyed();
    const stranger = await scene.desk();
    expect(await outcomeOf(eraseTransfer(scene.deps, stranger.caller, id))).toBe("transfer/unknown");
  });
});
