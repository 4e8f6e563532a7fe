/** Bringing a transfer back with two cards and two people, and what must not. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  signMemberRequest,
  recoveryContent,
  splitRecoveryKey,
  formatRecoveryCard,
  signRecoveryKey,
} from "@safeconduct/envelope";
import { RECOVERY_LIFE_MS, revokeTransfer } from "@safeconduct/exchange";
import { base64UrlText, type Bytes, drawId, type RecoveryId, type TransferId } from "@safeconduct/foundation";
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
import { removeDevice } from "./device-chain.ts";
import { enrolFirstDevice } from "./first-device.ts";
import { approveDevice, askToJoin, tryJoin } from "./join-device.ts";
import {
  approveRecovery,
  askRecovery,
  makeRecoveryCards,
  openRecovered,
  type ReadCards,
  showRecovery,
} from "./organisation-recovery.ts";
import { acceptRecoveryKey, recoveryFingerprint, syncRecoveryKey } from "./recovery-trust.ts";
import { sendTransfer } from "./send-transfer.ts";
import type { SendingDevice } from "./sending-device.ts";

const crypto = nodeCrypto();
let scene: ExchangeScene;
let desk: Desk;
let client: SceneClient;
let first: SendingDevice;
let laptop: SendingDevice;
let cards: readonly string[];
let transfer: TransferId;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  client = sceneClient(scene, { member: desk.caller });
  const made = await makeRecoveryCards(client, desk.device, { count: 3 });
  cards = made.cards;
  transfer = (await sendTransfer(client, made.device, aSending())).transfer;
  const joining = await askToJoin(client, made.device, "laptop");
  first = (await approveDevice(client, made.device, joining.printedCode)).device;
  laptop = known(await tryJoin(client, joining));
});

const card = (number: number) => known(cards[number - 1]);
const two =
  (one = card(1), other = card(3)): ReadCards =>
  async (wrong) => {
    if (wrong !== null) throw wrong;
    return [one, other];
  };
const approve = async (recovery: RecoveryId, by = first, ports = client) =>
  approveRecovery(ports, by, await showRecovery(ports, by, recovery));
async function approved(by = laptop) {
  const { recovery } = await askRecovery(client, by, transfer);
  await approve(recovery);
  return recovery;
}
const open = (recovery: RecoveryId, readCards = two(), by = laptop) =>
  openRecovered(client, by, { recovery, transfer, readCards });
async function fileOf({ opened }: Awaited<ReturnType<typeof open>>): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of opened.readFile(known(opened.manifest.files[0]).id)) pieces.push(piece);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
const entries = async () => (await scene.entries(transfer)).filter((type) => type.startsWith("recovery/"));

describe("a transfer comes back", () => {
  test("with two cards and a second person, and all three acts are in its custody", async () => {
    const recovered = await open(await approved());
    expect(await fileOf(recovered)).toEqual(REPORT);
    expect(recovered.isOwnSeal).toBe(true);
    expect(await entries()).toEqual(["recovery/requested", "recovery/approved", "recovery/released"]);
  });

  test("to a member who has lost every device, and says that nothing vouches for the seal", async () => {
    const anew = await enrolFirstDevice(client, first, { name: "new", startOver: true });
    const joining = await askToJoin(client, anew, "another");
    const helper = (await approveDevice(client, anew, joining.printedCode)).device;
    const another = known(await tryJoin(client, joining));
    const { recovery } = await askRecovery(client, another, transfer);
    await approve(recovery, helper);
    const recovered = await open(recovery, two(card(2), card(1)), another);
    expect(await fileOf(recovered)).toEqual(REPORT);
    expect(recovered.isOwnSeal).toBe(false);
  });

  test("after mistyped cards, which cost no release", async () => {
    const recovery = await approved();
    const given = [
      ["nonsense", card(1)],
      [card(1), card(1)],
      [card(1), card(2)],
    ] as const;
    const heard: (string | undefined)[] = [];
    let turn = 0;
    const recovered = await open(recovery, async (wrong) => {
      heard.push(wrong?.code);
      return known(given[turn++]);
    });
    expect(await fileOf(recovered)).toEqual(REPORT);
    expect(heard).toEqual([undefined, "client/bad-card", "client/same-card"]);
  });

  test("through lost answers, with one entry of each kind", async () => {
    const lost = new Set<string>();
    client.twist = (name, answer) => {
      if (!/recover/i.test(name) || lost.has(name)) return answer;
      lost.add(name);
      throw scene.outage("keys");
    };
    expect(await fileOf(await open(await approved()))).toEqual(REPORT);
    expect(lost.size).toBe(4);
    expect(await entries()).toEqual(["recovery/requested", "recovery/approved", "recovery/released"]);
  });
});

describe("nothing comes back", () => {
  test("with one card, one card twice, or cards of two keys", async () => {
    const recovery = await approved();
    const again = await makeRecoveryCards(client, first, { count: 2 });
    expect(await outcomeOf(open(recovery, two(card(1), "")))).toBe("client/bad-card");
    expect(await outcomeOf(open(recovery, two(card(1), card(1))))).toBe("client/same-card");
    expect(await outcomeOf(open(recovery, two(card(1), known(again.cards[1]))))).toBe("client/wrong-cards");
    expect(await entries()).not.toContain("recovery/released");
    expect(await outcomeOf(open(recovery, two(known(again.cards[0]), known(again.cards[1]))))).toBe(
      "client/wrong-cards",
    );
  });

  test("with the share of a card forged under a right check", async () => {
    const keyId = known(first.recoveryKey).keyId;
    const forged = splitRecoveryKey(crypto, { privateKey: crypto.random.bytes(32), keyId, count: 2 });
    const text = formatRecoveryCard(crypto.sha256, known(forged[1]));
    expect(await outcomeOf(open(await approved(), two(card(1), text)))).toBe("client/wrong-cards");
  });

  test("without approval, or with the asker's own", async () => {
    const { recovery } = await askRecovery(client, laptop, transfer);
    expect(await outcomeOf(open(recovery))).toBe("recovery/not-approved");
    expect(await outcomeOf(approve(recovery, laptop))).toBe("recovery/same-person");
    expect(await outcomeOf(open(recovery))).toBe("recovery/not-approved");
    expect(await entries()).toEqual(["recovery/requested"]);
  });

  test("with another device of the same member, once the organisation has two", async () => {
    const colleague = await scene.desk(desk.organisation);
    const ports = sceneClient(scene, { member: colleague.caller });
    const { recovery } = await askRecovery(client, laptop, transfer);
    expect(await outcomeOf(approve(recovery, first))).toBe("recovery/same-person");
    await approve(recovery, colleague.device, ports);
    expect(await fileOf(await open(recovery))).toEqual(REPORT);
  });

  test("by an approval that was given to another request, transfer or device", async () => {
    const { recovery } = await askRecovery(client, laptop, transfer);
    const shown = await showRecovery(client, first, recovery);
    const { transfer: other } = await sendTransfer(client, first, aSending());
    for (const lie of [
      { id: drawId("recovery", crypto.random) },
      { transfer: other },
      { device: { ...shown.device, id: first.device } },
    ]) {
      const content = recoveryContent(crypto.sha256, {
        recovery: lie.id ?? recovery,
        asker: lie.device?.id === undefined ? laptop.device : first.device,
      });
      const { organisation, device, signing } = first;
      const request = {
        request: "approve-recovery",
        organisation,
        transfer: lie.transfer ?? transfer,
        device,
        grant: null,
        content,
      } as const;
      const signature = base64UrlText(await signMemberRequest(crypto, { request, privateKey: signing.privateKey }));
      expect(
        await outcomeOf(client.api.call("approveRecovery", { path: { recovery }, body: { device, signature } })),
      ).toBe("device/bad-signature");
    }
    expect(await entries()).toEqual(["recovery/requested"]);
  });

  test("twice by one approval, or to another device than the one that asked", async () => {
    const recovery = await approved();
    expect(await outcomeOf(open(recovery, two(), first))).toBe("recovery/unknown");
    await open(recovery);
    expect(await outcomeOf(open(recovery))).toBe("recovery/used");
    const anew = await askRecovery(client, laptop, transfer);
    expect(anew.recovery).not.toBe(recovery);
    expect(anew.isApproved).toBe(false);
  });

  test("after a day", async () => {
    const recovery = await approved();
    scene.clock.advance(RECOVERY_LIFE_MS);
    expect(await outcomeOf(open(recovery))).toBe("recovery/unknown");
    expect(await outcomeOf(showRecovery(client, first, recovery))).toBe("client/no-such-recovery");
  });

  test("after the transfer was revoked and shredded", async () => {
    const recovery = await approved();
    await revokeTransfer(scene.deps, desk.caller, transfer);
    expect(await outcomeOf(open(recovery))).toBe("transfer/not-active");
    await scene.sweep();
    expect(await outcomeOf(open(recovery))).toBe("transfer/not-active");
    expect(await outcomeOf(askRecovery(client, first, transfer))).toBe("transfer/not-active");
    const grant = known(
      (await scene.store.read((view) => view.grantsOf(transfer))).find(({ kind }) => kind === "recovery"),
    );
    const status = await scene.keys.status({
      organisation: desk.organisation.id,
      transfers: [transfer],
      grants: [grant.id],
    });
    expect([...status.transfers, ...status.grants].map(({ state }) => state)).toEqual(["shredded", "shredded"]);
  });

  test("by a device that was removed after it approved", async () => {
    const recovery = await approved();
    const { device } = await removeDevice(client, laptop, first.device);
    expect(await outcomeOf(open(recovery, two(), device))).toBe("device/removed");
  });

  test("to another organisation", async () => {
    const recovery = await approved();
    const stranger = await scene.desk();
    const ports = sceneClient(scene, { member: stranger.caller });
    expect(await outcomeOf(askRecovery(ports, stranger.device, transfer))).toBe("transfer/unknown");
    expect(await outcomeOf(showRecovery(ports, stranger.device, recovery))).toBe("client/no-such-recovery");
    expect(await outcomeOf(openRecovered(ports, stranger.device, { recovery, transfer, readCards: two() }))).toBe(
      "recovery/unknown",
    );
  });

  test("of what was sent before there was a key", async () => {
    const plain = await scene.desk();
    const ports = sceneClient(scene, { member: plain.caller });
    const sent = await sendTransfer(ports, plain.device, aSending());
    expect(await outcomeOf(askRecovery(ports, plain.device, sent.transfer))).toBe("recovery/no-slot");
  });
});

describe("the recovery key that a device seals to", () => {
  const signedKey = async (by: SendingDevice, generation: number) => {
    const { publicKey } = await crypto.hpke.generateKeyPair();
    const { organisation, member, device, signing } = by;
    const statement = { organisation, member, device, generation, publicKey };
    const said = await signRecoveryKey(crypto, { statement, privateKey: signing.privateKey });
    return {
      statement: base64UrlText(said.statement),
      signature: base64UrlText(said.signature),
      signingPublicKey: base64UrlText(signing.publicKey),
      deviceName: "front desk",
      createdAt: 1,
    };
  };
  const shows = (key: unknown) => {
    client.twist = (name, answer) => (name === "recoveryKey" ? { key } : answer);
  };
  const outcome = (device: SendingDevice) => outcomeOf(syncRecoveryKey(client, device));
  const unpinned = () => ({ ...laptop, recoveryKey: null });

  test("is believed at first sight when a device of the own chain signed it", async () => {
    expect((await syncRecoveryKey(client, unpinned())).recoveryKey).toEqual(first.recoveryKey);
  });

  test("is not the server's, nor a colleague's or a removed device's before its fingerprint was compared", async () => {
    const colleague = (await scene.desk(desk.organisation)).device;
    shows(await signedKey(colleague, 2));
    expect([await outcome(unpinned()), await outcome(first)]).toEqual([
      "client/recovery-key-new",
      "client/recovery-key-new",
    ]);
    // In the member's name, with a key that the chain does not have.
    shows(await signedKey({ ...colleague, member: first.member, device: first.device }, 2));
    expect(await outcome(unpinned())).toBe("client/recovery-key-new");
    client.twist = (_, answer) => answer;
    await removeDevice(client, laptop, first.device);
    expect(await outcome(unpinned())).toBe("client/recovery-key-new");
  });

  test("is not changed, taken away or set back unseen", async () => {
    const older = await client.api.call("recoveryKey");
    const { device } = await makeRecoveryCards(client, first, { count: 2 });
    expect(await outcome(first)).toBe("client/recovery-key-new");
    expect(await outcome(device)).toBe("done");
    shows(older.key);
    expect(await outcome(device)).toBe("client/recovery-key-old");
    shows(null);
    expect(await outcome(device)).toBe("client/recovery-key-old");
    shows(await signedKey(first, 2));
    expect(await outcome(device)).toBe("client/recovery-key-old");
    shows({ ...known(older.key), signature: base64UrlText(new Uint8Array(64)) });
    expect(await outcome(unpinned())).toBe("client/recovery-key-old");
  });

  test("is taken by its fingerprint, and no other", async () => {
    const { device } = await makeRecoveryCards(client, first, { count: 2 });
    const fingerprint = recoveryFingerprint(known(device.recoveryKey));
    expect(
      await outcomeOf(
        acceptRecoveryKey(
          client,
          first,
          fingerprint.replace(/^./, (at) => (at === "0" ? "1" : "0")),
        ),
      ),
    ).toBe("client/recovery-key-new");
    expect((await acceptRecoveryKey(client, first, fingerprint.toUpperCase())).recoveryKey).toEqual(device.recoveryKey);
    shows(null);
    expect(await outcomeOf(acceptRecoveryKey(client, first, fingerprint))).toBe("client/recovery-key-new");
  });

  test("is never replaced by a device that does not know it", async () => {
    await makeRecoveryCards(client, first, { count: 2 });
    expect(await outcomeOf(makeRecoveryCards(client, first, { count: 2 }))).toBe("client/recovery-key-new");
  });
});
