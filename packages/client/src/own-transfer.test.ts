import { nodeCrypto } from "@safeconduct/crypto-node";
import { revokeGrant, revokeTransfer } from "@safeconduct/exchange";
import { base64UrlText, type Bytes, drawId, type GrantId, type TransferId } from "@safeconduct/foundation";
import {
  aSending,
  type Desk,
  ExchangeScene,
  known,
  outcomeOf,
  REPORT,
  sceneClient,
  type SceneClient,
} from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { removeDevice, syncDevice } from "./device-chain.ts";
import { enrolFirstDevice } from "./first-device.ts";
import { approveDevice, askToJoin, tryJoin } from "./join-device.ts";
import { parseLink } from "./link.ts";
import { addRecipient, openOwnTransfer } from "./own-transfer.ts";
import { openTransfer } from "./receive-transfer.ts";
import { makeRecoveryKey, recoverDevice } from "./recovery-key.ts";
import { sendTransfer } from "./send-transfer.ts";
import type { Sent } from "./sending.ts";
import type { SendingDevice } from "./sending-device.ts";

const crypto = nodeCrypto();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let scene: ExchangeScene;
let desk: Desk;
let client: SceneClient;
let first: SendingDevice;
let laptop: SendingDevice;
let sent: Sent;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  client = sceneClient(scene, { member: desk.caller });
  sent = await sendTransfer(client, desk.device, aSending());
  const joining = await askToJoin(client, desk.device, "laptop");
  first = (await approveDevice(client, desk.device, joining.printedCode)).device;
  laptop = known(await tryJoin(client, joining));
});

const addition = (change: Partial<Parameters<typeof addRecipient>[2]> = {}): Parameters<typeof addRecipient>[2] => ({
  transfer: sent.transfer,
  recipient: { address: "second@hospital.example", name: null },
  notBefore: 0,
  lifeMs: DAY_MS,
  releaseCap: 0,
  ...change,
});
const add = (change: Parameters<typeof addition>[0] = {}, by: SendingDevice = laptop, ports = client) =>
  addRecipient(ports, by, addition(change));
const outcome = (...given: Parameters<typeof add>) => outcomeOf(add(...given));

async function fileBehind(link: string): Promise<Bytes> {
  const { grant, fragment } = known(parseLink(link));
  const recipient = sceneClient(scene, { recipient: await scene.confirmed(grant) });
  const opened = await openTransfer(recipient, { grant, fragment });
  const pieces: Bytes[] = [];
  for await (const piece of opened.readFile(known(opened.manifest.files[0]).id)) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
const grants = () => scene.store.read((view) => view.grantsOf(sent.transfer));
const firstGrant = (): GrantId => known(sent.links[0]).grant;

describe("a transfer that was sent from another device", () => {
  test("gets another recipient without uploading again; the link vouches for the device that sealed", async () => {
    client.asked.length = 0;
    const { link } = await add();
    expect(client.asked).not.toContain("put");
    expect(await fileBehind(link)).toEqual(REPORT);
    expect(known(parseLink(link)).fragment.signingKeyHash).toEqual(crypto.sha256(first.signing.publicKey));
    expect((await scene.entries(sent.transfer)).slice(3, 5)).toEqual(["grant/released-to-member", "grant/added"]);
  });

  test("opens there, as it was sent", async () => {
    const { opened } = await openOwnTransfer(client, laptop, { transfer: sent.transfer });
    expect(opened.manifest.files.map(({ path }) => path)).toEqual(["report.txt"]);
  });

  test("opens on a device that was let in by the recovery key after a rotation", async () => {
    const { device, recoveryKey } = await makeRecoveryKey(client, first);
    await removeDevice(client, device, laptop.device);
    const found = await recoverDevice(client, first, { recoveryKey, name: "found" });
    expect(await outcome({}, found)).toBe("done");
  });

  test("is out of reach for who began anew", async () => {
    const anew = await enrolFirstDevice(client, first, { name: "new", startOver: true });
    expect(await outcome({}, anew)).toBe("client/not-genuine");
  });

  test("gives no removed device anything, and says when a removed device sealed", async () => {
    await removeDevice(client, laptop, first.device);
    expect(await outcome({}, first)).toBe("client/device-removed");
    expect(await outcome()).toBe("client/removed-device-sealed");
    const { link } = await add({ evenFromRemoved: true });
    expect(await fileBehind(link)).toEqual(REPORT);
  });

  test("survives lost answers: one grant, one entry", async () => {
    const lost = new Set<string>();
    client.twist = (name, answer) => {
      if (!["releaseToMember", "addRecipient"].includes(name) || lost.has(name)) return answer;
      lost.add(name);
      throw scene.outage("keys");
    };
    const { link } = await add();
    expect(lost.size).toBe(2);
    expect(await fileBehind(link)).toEqual(REPORT);
    expect((await grants()).filter(({ kind }) => kind === "recipient")).toHaveLength(2);
    expect((await scene.entries(sent.transfer)).filter((type) => type === "grant/released-to-member")).toHaveLength(1);
  });
});

describe("a fresh link", () => {
  test("ends the old one in the same step, and the transfer lives on", async () => {
    const { link } = await add({
      recipient: { address: "specialist@hospital.example", name: null },
      replaces: firstGrant(),
    });
    expect(await fileBehind(link)).toEqual(REPORT);
    const [, old, fresh] = await grants();
    expect([old?.state, fresh?.state]).toEqual(["revoked", "used"]);
    expect((await scene.entries(sent.transfer)).slice(4, 6)).toEqual(["grant/added", "grant/revoked"]);
    await expect(fileBehind(known(sent.links[0]).link)).rejects.toMatchObject({ code: "grant/unavailable" });
  });

  test("for another address, or in place of a grant of another transfer, is refused", async () => {
    expect(await outcome({ replaces: firstGrant() })).toBe("grant/unknown");
    const other = await sendTransfer(client, first, aSending());
    const recipient = { address: "specialist@hospital.example", name: null };
    expect(await outcome({ recipient, replaces: known(other.links[0]).grant })).toBe("grant/unknown");
    expect(await outcome({ recipient, replaces: drawId("grant", crypto.random) })).toBe("grant/unknown");
  });

  test("asked for on two devices at once: one of them is told that there is one", async () => {
    const recipient = { address: "specialist@hospital.example", name: null };
    const change = { recipient, replaces: firstGrant() };
    expect((await Promise.all([outcome(change), outcome(change, first)])).sort()).toEqual([
      "done",
      "transfer/same-recipient-twice",
    ]);
  });
});

describe("an addition is refused", () => {
  test("for an address that has a link, in any case", async () => {
    for (const address of ["specialist@hospital.example", "SPECIALIST@hospital.example"])
      expect(await outcome({ recipient: { address, name: null } })).toBe("transfer/same-recipient-twice");
  });

  test("after the transfer was revoked, also while it is on its way", async () => {
    scene.watch.after("keys.release", () => revokeTransfer(scene.deps, desk.caller, sent.transfer));
    expect(await outcome()).toBe("transfer/not-active");
    scene.watch.clear();
    expect(await outcome()).toBe("transfer/not-active");
    await scene.sweep();
    expect(await outcome()).toBe("transfer/not-active");
  });

  test("after its last link has ended", async () => {
    await revokeGrant(scene.deps, desk.caller, { transfer: sent.transfer, grant: firstGrant() });
    expect(await outcome()).toBe("transfer/not-active");
  });

  test("for a colleague's transfer, and for none", async () => {
    const colleague = await scene.desk(desk.organisation);
    const theirs = sceneClient(scene, { member: colleague.caller });
    expect(await outcome({}, colleague.device, theirs)).toBe("transfer/unknown");
    expect(await outcome({ transfer: drawId("transfer", crypto.random) as TransferId })).toBe("transfer/unknown");
  });

  test("with a life over seven days, or past the sender's own grant", async () => {
    expect(await outcome({ lifeMs: 7 * DAY_MS + HOUR_MS })).toBe("transfer/life-too-long");
    let newest = firstGrant();
    const recipient = { address: "specialist@hospital.example", name: null };
    const renew = async () => {
      newest = (await add({ recipient, lifeMs: 7 * DAY_MS, replaces: newest })).grant;
      scene.clock.advance(7 * DAY_MS - HOUR_MS);
    };
    await renew();
    await renew();
    expect(await outcome({ recipient, lifeMs: 7 * DAY_MS, replaces: newest })).toBe("done");
    newest = known((await grants()).at(-1)).id;
    scene.clock.advance(DAY_MS);
    expect(await outcome({ recipient, lifeMs: 7 * DAY_MS, replaces: newest })).toBe("transfer/beyond-end");
    expect(await outcome({ recipient, lifeMs: HOUR_MS, replaces: newest })).toBe("done");
  });
});

/** The server is the attacker. */
describe("a server that", () => {
  const lie = (change: (answer: Record<string, unknown>) => object) => {
    client.twist = (name, answer) =>
      name === "releaseToMember" ? { ...(answer as object), ...change(answer as Record<string, unknown>) } : answer;
  };

  test.each(["terms", "slot", "sealedShares", "sealedLinkSecret", "sealRecord", "sealSignature", "signingPublicKey"])(
    "changes %s is found out before a link is made",
    async (field) => {
      lie((answer) => {
        const text = String(answer[field]);
        return { [field]: `${text.slice(0, 20)}${text[20] === "A" ? "B" : "A"}${text.slice(21)}` };
      });
      expect(await outcome()).toBe("client/not-genuine");
      expect(client.asked).not.toContain("addRecipient");
    },
  );

  test("answers with another transfer of the member is found out", async () => {
    const other = await sendTransfer(client, first, aSending());
    let theirs: object | null = null;
    client.twist = (name, answer) => {
      if (name !== "releaseToMember") return answer;
      theirs ??= answer as object;
      return theirs;
    };
    expect(await outcome({ transfer: other.transfer })).toBe("done");
    expect(await outcome()).toBe("client/not-genuine");
  });

  test("puts its own seal and its own key there is found out: the key is no device's of the member", async () => {
    const colleague = await scene.desk(desk.organisation);
    lie(() => ({ signingPublicKey: base64UrlText(colleague.device.signing.publicKey) }));
    expect(await outcome()).toBe("client/not-genuine");
  });

  test("shows other devices than the member's is found out first", async () => {
    client.twist = (name, answer) => (name === "memberChain" ? { ...(answer as object), statements: [] } : answer);
    expect(await outcome()).toBe("client/other-devices");
    expect((await syncDevice(sceneClient(scene, { member: desk.caller }), laptop)).device.device).toBe(laptop.device);
  });
});
