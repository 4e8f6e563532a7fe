import { nodeCrypto } from "@safeconduct/crypto-node";
import { approveDevice, removeDevice } from "@safeconduct/client";
import { drawId, Problem } from "@safeconduct/foundation";
import { type Desk, ExchangeScene, known, outcomeOf, sceneClient, type SceneClient } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { CODE_LIFE_MS, DeviceKeeper, type DeviceState, type ReadyDevice } from "./device-keeper.ts";
import type { MemoryShelf } from "./memory-shelf.ts";
import { memoryShelf } from "./memory-shelf.ts";

const crypto = nodeCrypto();
let scene: ExchangeScene;
/** Somebody with a device elsewhere. */
let desk: Desk;
let client: SceneClient;
let shelf: MemoryShelf;
let now: number;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  client = sceneClient(scene, { member: desk.caller });
  shelf = memoryShelf();
  now = scene.clock.now();
});

/** One tab of the browser. */
const tab = (who: Desk["caller"] = desk.caller, through: SceneClient = client): DeviceKeeper =>
  new DeviceKeeper({
    organisation: who.organisation,
    member: who.member,
    loadPorts: async () => ({ shelf, client: through, now: () => now }),
    problemOf: (thrown) => {
      if (thrown instanceof Problem) return thrown as Problem;
      throw thrown;
    },
  });

/** A colleague who has no device yet. */
async function newcomer() {
  const id = drawId("member", crypto.random);
  const member = { ...desk.member, id, address: `${id}@clinic.example` };
  await scene.store.transaction((tx) => tx.addMember(member));
  const caller = { ...desk.caller, member: id };
  return { caller, client: sceneClient(scene, { member: caller }) };
}

async function shown(keeper: DeviceKeeper): Promise<DeviceState> {
  await keeper.refresh();
  return keeper.snapshot();
}
function ready(state: DeviceState): ReadyDevice {
  if (state.state !== "ready") throw new Error(`the browser is ${state.state}`);
  return state;
}
/** The browser is let in by the desk's device. */
async function joined(keeper: DeviceKeeper): Promise<ReadyDevice> {
  await keeper.ask("Firefox on Windows");
  const state = keeper.snapshot();
  if (state.state !== "none") throw new Error("asked");
  await approveDevice(client, desk.device, known(state.code).printed);
  await keeper.poll();
  return ready(keeper.snapshot());
}

describe("a browser of a member without any device", () => {
  test("says that it would be the first, becomes it, and is found again by another tab", async () => {
    const { caller, client: own } = await newcomer();
    expect(await shown(tab(caller, own))).toEqual({ state: "none", first: true, code: null });
    const keeper = tab(caller, own);
    await keeper.begin("Chrome on Linux");
    const { device } = ready(keeper.snapshot());
    expect(ready(await shown(tab(caller, own))).device).toEqual(device);
  });

  test("is one device also when two tabs begin at the same moment", async () => {
    const { caller, client: own } = await newcomer();
    const [one, other] = [tab(caller, own), tab(caller, own)];
    await Promise.all([one.begin("left"), other.begin("right")]);
    expect(ready(await shown(one)).device).toEqual(ready(await shown(other)).device);
    expect(await scene.store.read((view) => view.devicesOf(caller.member))).toHaveLength(1);
  });

  test("loses no keys when the page ends after the server's word and before its own", async () => {
    const { caller, client: own } = await newcomer();
    own.twist = (name, answer) => {
      if (name === "extendMemberChain") throw new Error("the page was closed");
      return answer;
    };
    await expect(tab(caller, own).begin("Chrome on Linux")).rejects.toThrow("closed");
    own.twist = (_, answer) => answer;
    expect((await shown(tab(caller, own))).state).toBe("ready");
  });

  test("begins anew when the server never heard of what it kept", async () => {
    const { caller, client: own } = await newcomer();
    const cut: SceneClient = {
      ...own,
      api: {
        async call(name, options) {
          if (name === "extendMemberChain") throw new Error("the network is gone");
          return own.api.call(name, options);
        },
      },
    };
    await expect(tab(caller, cut).begin("Chrome on Linux")).rejects.toThrow("gone");
    expect(await shown(tab(caller, own))).toEqual({ state: "none", first: true, code: null });
    expect(shelf.held.size).toBe(0);
  });

  test("is told to join when a device came first from elsewhere", async () => {
    const keeper = tab();
    await keeper.begin("Chrome on Linux");
    expect(keeper.snapshot()).toEqual({ state: "none", first: false, code: null });
    expect(shelf.held.size).toBe(0);
  });

  test("enrols nothing where the browser keeps nothing", async () => {
    const { caller, client: own } = await newcomer();
    shelf.beforeWrite = () => {
      throw new Problem("portal/storage-refused", "Nothing is kept.");
    };
    expect(await outcomeOf(tab(caller, own).begin("Chrome on Linux"))).toBe("portal/storage-refused");
    expect(await scene.store.read((view) => view.statementsOf(caller.member))).toEqual([]);
  });
});

describe("a browser of a member with a device elsewhere", () => {
  test("shows one code in all tabs, also after a reload, and is in when it was typed", async () => {
    const keeper = tab();
    await keeper.ask("Firefox on Windows");
    await tab().ask("again");
    expect(await shown(tab())).toEqual(keeper.snapshot());
    expect(await scene.entries()).toEqual(["device/requested"]);
    await keeper.poll();
    expect(keeper.snapshot().state).toBe("none");
    const { device } = await joined(tab());
    expect(device.memberKeys).toEqual(desk.device.memberKeys);
  });

  test("shows no code a quarter of an hour later", async () => {
    const keeper = tab();
    await keeper.ask("Firefox on Windows");
    now += CODE_LIFE_MS - 1;
    await keeper.poll();
    expect(keeper.snapshot()).toMatchObject({ state: "none", code: { until: now + 1 } });
    now += 1;
    await keeper.poll();
    expect(keeper.snapshot()).toEqual({ state: "none", first: false, code: null });
  });

  test("does not believe whoever let it in without the code", async () => {
    const keeper = tab();
    await keeper.ask("Firefox on Windows");
    const state = keeper.snapshot();
    await approveDevice(client, desk.device, (state.state === "none" && known(state.code).printed) || "");
    client.twist = (name, answer) => (name === "memberChain" ? { ...(answer as object), requests: [] } : answer);
    expect(await outcomeOf(keeper.poll())).toBe("client/other-devices");
    expect(shelf.held.size).toBe(0);
  });

  test("can be the only device again when all is lost", async () => {
    const keeper = tab();
    await keeper.begin("Chrome on Linux", { startOver: true });
    expect(ready(keeper.snapshot()).device.memberKeys).not.toEqual(desk.device.memberKeys);
  });
});

describe("a browser that is a device", () => {
  test("throws its keys away when another device has removed it, and says so until it is let in again", async () => {
    const keeper = tab();
    const { device } = await joined(keeper);
    const { device: boss } = await removeDevice(client, desk.device, device.device);
    const gone = { state: "removed", name: "Firefox on Windows", at: now, code: null };
    expect(await shown(keeper)).toEqual(gone);
    expect(Buffer.from(known(shelf.held.get(desk.member.id))).toString()).not.toContain("privateKey");
    expect(await shown(tab())).toEqual(gone);
    desk = { ...desk, device: boss };
    expect((await joined(tab())).device.device).not.toBe(device.device);
  });

  test("refuses a key service that it does not know, and a past that is not its own, until the person decides", async () => {
    const keeper = tab();
    await joined(keeper);
    client.twist = (name, answer) =>
      name === "instance"
        ? {
            ...(answer as object),
            keyService: { ...(answer as { keyService: object }).keyService, signingPublicKey: "A".repeat(43) },
          }
        : answer;
    expect(await shown(keeper)).toMatchObject({
      state: "failed",
      problem: { code: "client/other-key-service" },
      canForget: true,
    });
    client.twist = (name, answer) => (name === "memberChain" ? { ...(answer as object), statements: [] } : answer);
    expect(await shown(keeper)).toMatchObject({
      state: "failed",
      problem: { code: "client/other-devices" },
      canForget: true,
    });
    client.twist = (_, answer) => answer;
    expect((await shown(keeper)).state).toBe("ready");
  });

  test("goes on after an outage, and does not wait for ever while somebody looks", async () => {
    const keeper = tab();
    await joined(keeper);
    const waited = client.waits.length;
    client.twist = (name, answer) => {
      if (name === "memberChain") throw scene.outage("store");
      return answer;
    };
    expect(await shown(keeper)).toMatchObject({
      state: "failed",
      problem: { code: "http/unreachable" },
      canForget: false,
    });
    expect(client.waits.length - waited).toBe(4);
    client.twist = (_, answer) => answer;
    expect((await shown(keeper)).state).toBe("ready");
  });

  test("keeps what a change has taught it, and nothing over a device that another tab began since", async () => {
    const keeper = tab();
    const { device } = await joined(keeper);
    await keeper.forget();
    await keeper.keep(device);
    expect(shelf.held.size).toBe(0);
  });

  test("is nothing in memory after its member has left", async () => {
    const keeper = tab();
    await joined(keeper);
    keeper.close();
    await keeper.refresh();
    expect(keeper.snapshot()).toEqual({ state: "loading" });
  });
});
