import { LIMITS } from "@safeconduct/contract";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { type SignedStatement, signStatementOf, type StatementBody, statementHash } from "@safeconduct/envelope";
import { drawId } from "@safeconduct/foundation";
import {
  aDevice,
  cheapCrypto,
  type Desk,
  ExchangeScene,
  filledDraft,
  known,
  outcomeOf,
  prepareTransfer,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { draftTransfer } from "../transfers/draft-transfer.ts";
import { sealTransfer } from "../transfers/seal-transfer.ts";
import { type ChainExtension, extendMemberChain } from "./extend-member-chain.ts";
import { REQUEST_LIFE_MS, REQUESTS_PER_MEMBER, requestDevice } from "./request-device.ts";
import { showMemberChain } from "./show-member-chain.ts";

const crypto = cheapCrypto(nodeCrypto());
let scene: ExchangeScene;
let desk: Desk;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
});

const shown = (by = desk) => showMemberChain(scene.deps, by.caller);

async function aHolder() {
  return {
    id: drawId("device", crypto.random),
    signing: await crypto.signatures.generateKeyPair(),
    hpke: await crypto.hpke.generateKeyPair(),
  };
}
type HolderOfTest = Awaited<ReturnType<typeof aHolder>>;

const arrival = ({ id, signing, hpke }: HolderOfTest, holderKind: "device" | "passkey" | "recovery" = "device") =>
  ({
    kind: "holder-added",
    holder: id,
    holderKind,
    name: "laptop",
    signingPublicKey: signing.publicKey,
    hpkePublicKey: hpke.publicKey,
  }) as const;

/** Signed by the desk's device, at the end of what is stored. */
async function extension(
  bodies: readonly StatementBody[],
  rest: Partial<ChainExtension> = {},
): Promise<ChainExtension> {
  const held = (await shown()).statements;
  const statements: SignedStatement[] = [];
  for (const body of bodies) {
    const last = known([...held, ...statements].at(-1));
    const statement = {
      organisation: desk.organisation.id,
      member: desk.member.id,
      position: held.length + statements.length,
      previous: statementHash(crypto.sha256, last.statement),
      signer: desk.device.device,
      body,
    };
    statements.push(await signStatementOf(crypto, { statement, privateKey: desk.device.signing.privateKey }));
  }
  return { from: held.length, statements, wraps: [], sealedKeys: [], approvals: [], startOver: false, ...rest };
}
const wrapFor = ({ id }: HolderOfTest, generation = 1) => ({ generation, holder: id, sealed: crypto.random.bytes(80) });
const extend = (change: ChainExtension, by = desk) => outcomeOf(extendMemberChain(scene.deps, by.caller, change));
const newKey = (generation: number) =>
  ({ kind: "member-key-set", generation, publicKey: crypto.random.bytes(32) }) as const;

async function admitted(): Promise<HolderOfTest> {
  const laptop = await aHolder();
  expect(await extend(await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] }))).toBe("done");
  return laptop;
}

describe("a chain of devices", () => {
  test("grows by one statement and one entry, once, however often it is said", async () => {
    const laptop = await aHolder();
    const change = await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] });
    expect(await Promise.all([extend(change), extend(change), extend(change)])).toEqual(["done", "done", "done"]);
    expect(await extend(change)).toBe("done");
    expect(await scene.entries()).toEqual(["device/enrolled"]);
    const { devices, statements, wraps } = await shown();
    expect([devices.length, statements.length, wraps.length]).toEqual([2, 3, 2]);
  });

  test("cannot be extended by two at once: the second reads again", async () => {
    const [laptop, tablet] = [await aHolder(), await aHolder()];
    const changes = [
      await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] }),
      await extension([arrival(tablet)], { wraps: [wrapFor(tablet)] }),
    ];
    expect((await Promise.all(changes.map((change) => extend(change)))).sort()).toEqual(["device/chain-moved", "done"]);
  });

  test("is not begun again beside itself, unless everything is given up", async () => {
    const first = known((await shown()).statements[0]);
    const second = known((await shown()).statements[1]);
    const anew = { ...(await extension([])), from: 0, statements: [first, second] };
    expect(await extend(anew)).toBe("done");
    const laptop = await aHolder();
    const other = await extension([arrival(laptop)], { from: 0 });
    expect(await extend(other)).toBe("device/join-required");
    expect(await extend({ ...other, startOver: true })).toBe("device/chain-refused");
  });

  test("is refused to whom it does not belong", async () => {
    const colleague = await scene.desk(desk.organisation);
    const laptop = await aHolder();
    const change = await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] });
    expect(await extend(change, colleague)).toBe("device/chain-refused");
    expect((await shown(colleague)).statements).toHaveLength(2);
  });

  test("shuts nobody out: whoever comes or stays has the newest member key", async () => {
    const laptop = await aHolder();
    expect(await extend(await extension([arrival(laptop)]))).toBe("device/chain-refused");
    const { id, ...others } = await admitted();
    const removal = { kind: "holder-removed", holder: id } as const;
    const own = { id: desk.device.device, ...others };
    expect(await extend(await extension([removal, newKey(2)]))).toBe("device/chain-refused");
    expect(await extend(await extension([removal, newKey(2)], { wraps: [wrapFor({ id, ...others }, 2)] }))).toBe(
      "device/chain-refused",
    );
    expect(await extend(await extension([removal], { wraps: [wrapFor(own, 1)] }))).toBe("device/chain-refused");
    expect(await extend(await extension([removal, newKey(2)], { wraps: [wrapFor(own, 2)] }))).toBe("done");
    expect((await shown()).wraps.map(({ holder }) => holder)).toEqual([own.id, own.id]);
  });

  test.each([0, 3])("takes no member key of generation %i, which is none of its", async (generation) => {
    const laptop = await aHolder();
    const wraps = [wrapFor(laptop), wrapFor(laptop, generation)];
    expect(await extend(await extension([arrival(laptop)], { wraps }))).toBe("device/chain-refused");
  });

  test.each(["passkey", "recovery"] as const)("takes a %s only with its sealed keys", async (kind) => {
    const holder = await aHolder();
    const said = [arrival(holder, kind)];
    const sealedKeys = [{ holder: holder.id, sealed: crypto.random.bytes(100) }];
    const wraps = [wrapFor(holder)];
    expect(await extend(await extension(said, { wraps }))).toBe("device/chain-refused");
    expect(await extend(await extension(said, { wraps, sealedKeys: [...sealedKeys, ...sealedKeys] }))).toBe(
      "device/chain-refused",
    );
    expect(await extend(await extension(said, { wraps, sealedKeys }))).toBe("done");
    expect((await shown()).devices.at(-1)).toMatchObject({ kind, sealedKeys: known(sealedKeys[0]).sealed });
  });

  test("takes no sealed keys of a device", async () => {
    const laptop = await aHolder();
    const sealedKeys = [{ holder: laptop.id, sealed: crypto.random.bytes(100) }];
    expect(await extend(await extension([arrival(laptop)], { wraps: [wrapFor(laptop)], sealedKeys }))).toBe(
      "device/chain-refused",
    );
  });

  test("does not take the id of a colleague's device", async () => {
    const colleague = await scene.desk(desk.organisation);
    const stolen = { ...(await aHolder()), id: colleague.device.device };
    expect(await extend(await extension([arrival(stolen)], { wraps: [wrapFor(stolen)] }))).toBe("device/conflict");
    expect((await shown()).statements).toHaveLength(2);
  });

  test(`has ${LIMITS.devicesPerMember} devices ever, and no more`, async () => {
    await scene.store.transaction(async (tx) => {
      for (let devices = 2; devices < LIMITS.devicesPerMember; devices++)
        await tx.addDevice(aDevice({ member: desk.member.id, organisation: desk.organisation.id, removedAt: 1 }));
    });
    await admitted();
    const laptop = await aHolder();
    expect(await extend(await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] }))).toBe("device/too-many");
  });

  test("changes nothing while the ledger is away", async () => {
    scene.watch.before("tiles.writeTiles", () => {
      throw scene.outage("tiles");
    });
    const laptop = await aHolder();
    const change = await extension([arrival(laptop)], { wraps: [wrapFor(laptop)] });
    expect(await extend(change)).toBe("ledger/unavailable");
    expect(await extend(change)).toBe("ledger/unavailable");
    scene.watch.clear();
    expect(await extend(change)).toBe("done");
    expect(await scene.entries()).toEqual(["device/enrolled"]);
  });
});

describe("a device that was removed", () => {
  async function removeDesk(): Promise<void> {
    const laptop = await admitted();
    const held = (await shown()).statements;
    const say = async (body: StatementBody, before: SignedStatement, position: number) =>
      signStatementOf(crypto, {
        statement: {
          organisation: desk.organisation.id,
          member: desk.member.id,
          position,
          previous: statementHash(crypto.sha256, before.statement),
          signer: laptop.id,
          body,
        },
        privateKey: laptop.signing.privateKey,
      });
    const removal = await say({ kind: "holder-removed", holder: desk.device.device }, known(held.at(-1)), held.length);
    const key = await say(newKey(2), removal, held.length + 1);
    const change = { ...(await extension([])), statements: [removal, key], wraps: [wrapFor(laptop, 2)] };
    expect(await extend(change)).toBe("done");
  }

  test("drafts nothing", async () => {
    const { draft } = await prepareTransfer(scene, desk);
    await removeDesk();
    expect(await outcomeOf(draftTransfer(scene.deps, desk.caller, draft))).toBe("device/removed");
  });

  test("seals nothing that it began", async () => {
    const { seal } = await filledDraft(scene, desk);
    await removeDesk();
    expect(await outcomeOf(sealTransfer(scene.deps, desk.caller, seal))).toBe("device/removed");
  });

  test("says nothing more about the member's devices", async () => {
    await removeDesk();
    const laptop = await aHolder();
    expect(await extend(await extension([arrival(laptop)], { wraps: [wrapFor(laptop, 2)] }))).toBe(
      "device/chain-refused",
    );
  });
});

describe("a request to be let in", () => {
  const request = () => ({
    device: drawId("device", crypto.random),
    name: "laptop",
    signingPublicKey: crypto.random.bytes(32),
    hpkePublicKey: crypto.random.bytes(32),
    proof: crypto.random.bytes(32),
  });
  const ask = (asked: ReturnType<typeof request>, by = desk) => outcomeOf(requestDevice(scene.deps, by.caller, asked));

  test("is kept once, and another under its id conflicts", async () => {
    const asked = request();
    expect(await Promise.all([ask(asked), ask(asked)])).toEqual(["done", "done"]);
    expect(await ask({ ...asked, proof: crypto.random.bytes(32) })).toBe("device/conflict");
    expect(await ask({ ...asked, device: desk.device.device })).toBe("device/conflict");
    expect((await shown()).requests).toHaveLength(1);
    expect(await scene.entries()).toEqual(["device/requested"]);
  });

  test(`is one of ${REQUESTS_PER_MEMBER} at a time, and gone after its time`, async () => {
    for (let requests = 0; requests < REQUESTS_PER_MEMBER; requests++) expect(await ask(request())).toBe("done");
    expect(await ask(request())).toBe("device/too-many-requests");
    expect(await ask(request(), await scene.desk(desk.organisation))).toBe("done");
    scene.clock.advance(REQUEST_LIFE_MS - 1);
    expect((await shown()).requests).toHaveLength(REQUESTS_PER_MEMBER);
    scene.clock.advance(1);
    expect((await shown()).requests).toEqual([]);
  });

  test("of a colleague is not approved by a chain that takes its id", async () => {
    const colleague = await scene.desk(desk.organisation);
    const asked = request();
    expect(await ask(asked, colleague)).toBe("done");
    const thief = { ...(await aHolder()), id: asked.device };
    const approvals = [{ device: asked.device, proof: crypto.random.bytes(32) }];
    expect(await extend(await extension([arrival(thief)], { wraps: [wrapFor(thief)], approvals }))).toBe("done");
    expect(known((await shown(colleague)).requests[0]).approval).toBeNull();
  });
});
