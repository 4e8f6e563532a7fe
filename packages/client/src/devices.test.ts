import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  decodeStatement,
  formatPrintedSecret,
  sealMemberKey,
  type SignedStatement,
  signStatementOf,
} from "@safeconduct/envelope";
import { base64UrlBytes, base64UrlText, drawId } from "@safeconduct/foundation";
import { type Desk, ExchangeScene, known, outcomeOf, sceneClient, type SceneClient } from "@safeconduct/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { type ChainAnswer, removeDevice, syncDevice } from "./device-chain.ts";
import { beginChain, enrolFirstDevice } from "./first-device.ts";
import { approveDevice, askToJoin, tryJoin } from "./join-device.ts";
import { addPasskey, makeRecoveryKey, openPasskey, recoverDevice } from "./recovery-key.ts";
import { makeDeviceKeys, type SendingDevice } from "./sending-device.ts";

const crypto = nodeCrypto();
const { random, sha256 } = crypto;
let scene: ExchangeScene;
let desk: Desk;
let client: SceneClient;
let first: SendingDevice;
beforeEach(async () => {
  scene = await ExchangeScene.open({ crypto });
  desk = await scene.desk();
  client = sceneClient(scene, { member: desk.caller });
  first = desk.device;
});

async function joined(by: SendingDevice = first): Promise<{ laptop: SendingDevice; approver: SendingDevice }> {
  const joining = await askToJoin(client, first, "laptop");
  const { device: approver } = await approveDevice(client, by, joining.printedCode);
  return { laptop: known(await tryJoin(client, joining)), approver };
}
const sync = async (device: SendingDevice) => (await syncDevice(client, device)).device;
/** Changes what the server says of the chain. */
const lie = (change: (answer: ChainAnswer) => object) => {
  client.twist = (name, answer) =>
    name === "memberChain" ? { ...(answer as object), ...change(answer as ChainAnswer) } : answer;
};
const tellTheTruth = () => {
  client.twist = (_, answer) => answer;
};
const onWire = (statements: readonly SignedStatement[]) =>
  statements.map(({ statement, signature }) => ({
    statement: base64UrlText(statement),
    signature: base64UrlText(signature),
  }));
const keysOf = ({ memberKeys }: SendingDevice) =>
  memberKeys.map(({ privateKey }) => Buffer.from(privateKey).toString("hex"));

describe("a member", () => {
  test("enrols a first device; the server never holds a private key", async () => {
    const colleague = await scene.desk(desk.organisation);
    const theirs = sceneClient(scene, { member: colleague.caller });
    await enrolFirstDevice(theirs, colleague.device, { name: "front desk", startOver: true });
    const stored = await scene.store.read(async (view) => [
      await view.statementsOf(colleague.member.id),
      await view.memberKeyWrapsOf(colleague.member.id),
      await view.devicesOf(colleague.member.id),
    ]);
    const text = JSON.stringify(stored, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    );
    for (const key of keysOf(colleague.device)) expect(text).not.toContain(key);
  });

  test("has the same member key on a second device, which the first let in with the code", async () => {
    const { laptop, approver } = await joined();
    expect(keysOf(laptop)).toEqual(keysOf(first));
    expect(laptop.chain).toEqual(approver.chain);
    expect(await scene.entries()).toEqual(["device/requested", "device/enrolled"]);
  });

  test("lets in a third by the second, and a lost answer is no other device", async () => {
    const { laptop } = await joined();
    let lost = 0;
    client.twist = (name, answer) => {
      if (name === "extendMemberChain" && lost++ === 0) throw scene.outage("keys");
      return answer;
    };
    const { laptop: third } = await joined(laptop);
    expect(lost).toBe(2);
    expect(keysOf(third)).toEqual(keysOf(first));
    expect((await scene.entries()).filter((type) => type === "device/enrolled")).toHaveLength(2);
  });

  test("cannot enrol another first device beside the one there is", async () => {
    expect(await outcomeOf(enrolFirstDevice(client, first, { name: "laptop" }))).toBe("device/join-required");
    expect(await outcomeOf(sync(first))).toBe("done");
  });

  test("who begins anew has a new chain, and the old device sees that it is not its own", async () => {
    const anew = await enrolFirstDevice(client, first, { name: "new laptop", startOver: true });
    expect(keysOf(anew)).not.toEqual(keysOf(first));
    expect(await outcomeOf(sync(first))).toBe("client/other-devices");
    expect(await scene.entries()).toEqual(["member/devices-replaced", "device/enrolled", "member/key-set"]);
    const old = await scene.store.read((view) => view.findDevice(first.device));
    expect(old?.removedAt).not.toBeNull();
  });

  test("removes a lost device: it can follow nothing any more, the others have a new member key", async () => {
    const { laptop, approver } = await joined();
    const { device: after } = await removeDevice(client, approver, laptop.device);
    expect(keysOf(after)).toHaveLength(2);
    expect(keysOf(after)[0]).toBe(keysOf(first)[0]);
    expect(await outcomeOf(sync(laptop))).toBe("client/device-removed");
    const wraps = await scene.store.read((view) => view.memberKeyWrapsOf(desk.member.id));
    expect(wraps.some(({ holder }) => holder === laptop.device)).toBe(false);
    expect((await scene.entries()).slice(-2)).toEqual(["device/removed", "member/key-set"]);
    for (const attempt of [
      () => removeDevice(client, laptop, first.device),
      () => makeRecoveryKey(client, laptop),
      () => approveDevice(client, laptop, formatPrintedSecret(sha256, "pairing-code", random.bytes(12))),
    ])
      expect(await outcomeOf(attempt())).toBe("client/device-removed");
  });

  test("does not remove the device in hand, a stranger's, or one twice", async () => {
    const { laptop, approver } = await joined();
    const colleague = await scene.desk(desk.organisation);
    for (const id of [first.device, colleague.device.device, drawId("device", random)])
      expect(await outcomeOf(removeDevice(client, approver, id))).toBe("client/no-such-device");
    await removeDevice(client, approver, laptop.device);
    expect(await outcomeOf(removeDevice(client, approver, laptop.device))).toBe("client/no-such-device");
  });

  test("with two devices that each remove the other keeps exactly one", async () => {
    const { laptop, approver } = await joined();
    const outcomes = await Promise.all([
      outcomeOf(removeDevice(client, approver, laptop.device)),
      outcomeOf(removeDevice(client, laptop, first.device)),
    ]);
    expect(outcomes.sort()).toEqual(["client/device-removed", "done"]);
  });

  test("whose devices let in others at the same moment has them all", async () => {
    const { laptop, approver } = await joined();
    const waiting = await Promise.all(["a", "b", "c"].map((name) => askToJoin(client, first, name)));
    await Promise.all(
      waiting.map(({ printedCode }, index) => approveDevice(client, index === 0 ? laptop : approver, printedCode)),
    );
    for (const joining of waiting) expect(keysOf(known(await tryJoin(client, joining)))).toEqual(keysOf(first));
  });
});

describe("a recovery key", () => {
  test("lets in a new device when all others are lost, with every member key", async () => {
    const { laptop, approver } = await joined();
    const { device: printing, recoveryKey } = await makeRecoveryKey(client, approver);
    const { device: later } = await removeDevice(client, printing, laptop.device);
    const found = await recoverDevice(client, first, { recoveryKey: recoveryKey.toLowerCase(), name: "found" });
    expect(keysOf(found)).toEqual(keysOf(later));
    expect(keysOf(found)).toHaveLength(2);
    expect(await outcomeOf(removeDevice(client, found, first.device))).toBe("done");
  });

  test("that was replaced is void, and what is sealed from then on is beyond it", async () => {
    const { device, recoveryKey: old } = await makeRecoveryKey(client, first);
    const { device: after, recoveryKey } = await makeRecoveryKey(client, device);
    expect(keysOf(after)).toHaveLength(2);
    const recover = (key: string) => outcomeOf(recoverDevice(client, first, { recoveryKey: key, name: "found" }));
    expect(await recover(old)).toBe("client/bad-recovery-key");
    expect(await recover(recoveryKey)).toBe("done");
  });

  test("mistyped, of somebody else or never made opens nothing", async () => {
    const recover = (recoveryKey: string) => outcomeOf(recoverDevice(client, first, { recoveryKey, name: "found" }));
    const another = formatPrintedSecret(sha256, "recovery-key", random.bytes(22));
    expect(await recover(another)).toBe("client/bad-recovery-key");
    const { recoveryKey } = await makeRecoveryKey(client, first);
    const mistyped = `${recoveryKey.slice(0, -1)}${recoveryKey.endsWith("A") ? "B" : "A"}`;
    for (const typed of ["", "hello", another, mistyped]) expect(await recover(typed)).toBe("client/bad-recovery-key");
  });

  test("lies at the server sealed: neither it nor a member key can be read there", async () => {
    const { recoveryKey, device } = await makeRecoveryKey(client, first);
    const stored = JSON.stringify(await scene.store.read((view) => view.devicesOf(desk.member.id)));
    expect(stored).not.toContain(recoveryKey);
    for (const key of keysOf(device)) expect(stored).not.toContain(key);
  });

  test("cannot send or open by itself: it lets devices in", async () => {
    await makeRecoveryKey(client, first);
    const paper = (await scene.store.read((view) => view.devicesOf(desk.member.id))).find(
      ({ kind }) => kind === "recovery",
    );
    expect(known(paper).sealedKeys).not.toBeNull();
  });

  test("is not told a chain that the server made up", async () => {
    const { recoveryKey, device } = await makeRecoveryKey(client, first);
    const honest = (await syncDevice(client, device)).answer;
    // The server begins another chain of its own, and puts the true sealed keys of the true recovery holder into it.
    const paper = known(honest.devices.find(({ sealedKeys }) => sealedKeys !== null));
    const servers = await makeDeviceKeys(client, first);
    const begun = await beginChain(client, servers, "front desk");
    const said = known(honest.statements.at(-1));
    lie(() => ({ statements: [...onWire(begun.statements), said] }));
    expect(await outcomeOf(recoverDevice(client, first, { recoveryKey, name: "found" }))).toBe("client/other-devices");
    // It signs the recovery holder in by itself.
    const body = decodeStatement(known(base64UrlBytes(said.statement))).body;
    const forged = await signStatementOf(crypto, {
      statement: {
        organisation: first.organisation,
        member: first.member,
        position: 2,
        previous: begun.device.chain.hash,
        signer: servers.device,
        body,
      },
      privateKey: servers.signing.privateKey,
    });
    lie(() => ({
      statements: onWire([...begun.statements, forged]),
    }));
    expect(paper.sealedKeys).not.toBeNull();
    expect(await outcomeOf(recoverDevice(client, first, { recoveryKey, name: "found" }))).toBe(
      "client/bad-recovery-key",
    );
  });
});

describe("a passkey", () => {
  test("with its PRF output is a device of its own", async () => {
    const secret = random.bytes(32);
    const { device, result } = await addPasskey(client, first, { name: "Phone", secret });
    const passkey = await openPasskey(client, first, secret);
    expect(passkey.device).toBe(result);
    expect(keysOf(passkey)).toEqual(keysOf(device));
    expect(await outcomeOf(openPasskey(client, first, random.bytes(32)))).toBe("client/bad-recovery-key");
    expect(await outcomeOf(removeDevice(client, passkey, first.device))).toBe("done");
    expect(await outcomeOf(sync(first))).toBe("client/device-removed");
  });
});

/** The server is the attacker: it holds the database, and answers what it likes. */
describe("a server that", () => {
  test("puts its own keys into a request is not let in", async () => {
    const joining = await askToJoin(client, first, "laptop");
    const servers = await makeDeviceKeys(client, first);
    lie(({ requests }) => ({
      requests: requests.map((request) => ({ ...request, signingPublicKey: base64UrlText(servers.signing.publicKey) })),
    }));
    expect(await outcomeOf(approveDevice(client, first, joining.printedCode))).toBe("client/no-such-request");
    lie(({ requests }) => ({
      requests: requests.map((request) => ({ ...request, hpkePublicKey: base64UrlText(servers.hpke.publicKey) })),
    }));
    expect(await outcomeOf(approveDevice(client, first, joining.printedCode))).toBe("client/no-such-request");
    lie(({ requests }) => ({
      requests: requests.map((request) => ({ ...request, proof: base64UrlText(random.bytes(32)) })),
    }));
    expect(await outcomeOf(approveDevice(client, first, joining.printedCode))).toBe("client/no-such-request");
    tellTheTruth();
    expect(await outcomeOf(approveDevice(client, first, joining.printedCode))).toBe("done");
  });

  test("lets a new device into a chain of its own is found out there", async () => {
    const joining = await askToJoin(client, first, "laptop");
    const servers = await makeDeviceKeys(client, first);
    const begun = await beginChain(client, servers, "front desk");
    const { device, signing, hpke } = joining.keys;
    const added = await signStatementOf(crypto, {
      statement: {
        organisation: first.organisation,
        member: first.member,
        position: 2,
        previous: begun.device.chain.hash,
        signer: servers.device,
        body: {
          kind: "holder-added",
          holder: device,
          holderKind: "device",
          name: "laptop",
          signingPublicKey: signing.publicKey,
          hpkePublicKey: hpke.publicKey,
        },
      },
      privateKey: servers.signing.privateKey,
    });
    for (const approval of [null, base64UrlText(random.bytes(32)), base64UrlText(new Uint8Array(32))]) {
      lie(({ requests }) => ({
        statements: onWire([...begun.statements, added]),
        requests: requests.map((request) => ({ ...request, approval })),
      }));
      expect(await outcomeOf(tryJoin(client, joining))).toBe("client/other-devices");
    }
  });

  test("replays an approval for another chain is found out", async () => {
    const { approver } = await joined();
    const joining = await askToJoin(client, first, "tablet");
    await approveDevice(client, approver, joining.printedCode);
    const before = known((await syncDevice(client, first)).answer.requests[0]).approval;
    lie(({ requests }) => ({ requests: requests.map((request) => ({ ...request, approval: before })) }));
    expect(await outcomeOf(tryJoin(client, joining))).toBe("client/other-devices");
  });

  test("hides what a device has seen, shows another chain, or nothing, is found out", async () => {
    const { approver } = await joined();
    lie(({ statements }) => ({ statements: statements.slice(0, -1) }));
    expect(await outcomeOf(sync(approver))).toBe("client/other-devices");
    lie(() => ({ statements: [] }));
    expect(await outcomeOf(sync(approver))).toBe("client/other-devices");
    const servers = await beginChain(client, await makeDeviceKeys(client, first), "front desk");
    lie(() => ({
      statements: onWire(servers.statements),
    }));
    expect(await outcomeOf(sync(approver))).toBe("client/other-devices");
  });

  test("signs a device in by itself is found out", async () => {
    const servers = await makeDeviceKeys(client, first);
    const { chain } = await syncDevice(client, first);
    const forged = await signStatementOf(crypto, {
      statement: {
        organisation: first.organisation,
        member: first.member,
        position: 2,
        previous: chain.head.hash,
        signer: first.device,
        body: {
          kind: "holder-added",
          holder: servers.device,
          holderKind: "device",
          name: "laptop",
          signingPublicKey: servers.signing.publicKey,
          hpkePublicKey: servers.hpke.publicKey,
        },
      },
      privateKey: servers.signing.privateKey,
    });
    lie(({ statements }) => ({
      statements: [...statements, ...onWire([forged])],
    }));
    expect(await outcomeOf(sync(first))).toBe("client/other-devices");
  });

  test("withholds a new member key, or puts one of its own there, is found out", async () => {
    const { laptop, approver } = await joined();
    const third = (await joined(approver)).laptop;
    await removeDevice(client, third, first.device);
    lie(({ wraps }) => ({ wraps: wraps.filter(({ generation }) => generation === 1) }));
    expect(await outcomeOf(sync(laptop))).toBe("client/other-devices");
    const servers = await crypto.hpke.generateKeyPair();
    const scope = { organisation: first.organisation, member: first.member, generation: 2, holder: laptop.device };
    const sealed = base64UrlText(
      await sealMemberKey(crypto, { publicKey: laptop.hpke.publicKey, scope, privateKey: servers.privateKey }),
    );
    lie(({ wraps }) => ({
      wraps: wraps.map((wrap) => (wrap.generation === 2 && wrap.holder === laptop.device ? { ...wrap, sealed } : wrap)),
    }));
    expect(await outcomeOf(sync(laptop))).toBe("client/other-devices");
    tellTheTruth();
    expect(keysOf(await sync(laptop))).toHaveLength(2);
  });

  test("says that a device was removed cannot prove it", async () => {
    lie(({ devices }) => ({ devices: devices.map((device) => ({ ...device, removedAt: 1 })) }));
    expect(await outcomeOf(sync(first))).toBe("done");
  });
});

describe("a code", () => {
  test("that is mistyped is told apart from one that nobody waits with", async () => {
    const { printedCode } = await askToJoin(client, first, "laptop");
    const wrong = `${printedCode.slice(0, -1)}${printedCode.endsWith("A") ? "B" : "A"}`;
    for (const typed of [wrong, "", "123456", printedCode.slice(1)])
      expect(await outcomeOf(approveDevice(client, first, typed))).toBe("client/bad-code");
    const other = formatPrintedSecret(sha256, "pairing-code", random.bytes(12));
    expect(await outcomeOf(approveDevice(client, first, other))).toBe("client/no-such-request");
  });

  test("is worth nothing after a quarter of an hour", async () => {
    const { printedCode } = await askToJoin(client, first, "laptop");
    scene.clock.advance(15 * 60 * 1000);
    expect(await outcomeOf(approveDevice(client, first, printedCode))).toBe("client/no-such-request");
  });

  test("of one member lets nobody in at another", async () => {
    const colleague = await scene.desk(desk.organisation);
    const theirs = sceneClient(scene, { member: colleague.caller });
    const { printedCode } = await askToJoin(client, first, "laptop");
    expect(await outcomeOf(approveDevice(theirs, colleague.device, printedCode))).toBe("client/no-such-request");
  });

  test("is one of five at a time", async () => {
    const ask = () => outcomeOf(askToJoin(client, first, "laptop"));
    for (let waiting = 0; waiting < 5; waiting++) expect(await ask()).toBe("done");
    expect(await ask()).toBe("device/too-many-requests");
    scene.clock.advance(15 * 60 * 1000 + 1);
    expect(await ask()).toBe("done");
  });
});
