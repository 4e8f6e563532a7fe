import { nodeCrypto } from "@safeconduct/crypto-node";
import { drawId } from "@safeconduct/foundation";
import { known } from "@safeconduct/testkit";
import { describe, expect, test } from "vitest";
import { openHolderKeys, sealHolderKeys } from "./holder-keys.ts";
import { openMemberKey, sealMemberKey } from "./member-key.ts";
import { signMemberRequest, verifyMemberRequest } from "./member-request.ts";
import { drawPairingCode, proveApproval, provePairing } from "./pairing.ts";

const node = nodeCrypto();
const { random } = node;
const signing = await node.signatures.generateKeyPair();
const hpke = await node.hpke.generateKeyPair();
const member = { organisation: drawId("organisation", random), member: drawId("member", random) };
const scope = {
  ...member,
  holder: drawId("device", random),
  kind: "recovery",
  signingPublicKey: signing.publicKey,
  hpkePublicKey: hpke.publicKey,
  previous: random.bytes(32),
} as const;
const keys = { signing: signing.privateKey, hpke: hpke.privateKey };

describe("keys sealed under a secret", () => {
  const secret = random.bytes(22);
  test("open with it, whole", async () => {
    const sealed = await sealHolderKeys(node, { secret, scope, keys });
    expect(await openHolderKeys(node, { secret, scope, sealed })).toEqual(keys);
  });

  test.each([
    ["another secret", { secret: random.bytes(22) }],
    ["another holder", { scope: { ...scope, holder: drawId("device", random) } }],
    ["another member", { scope: { ...scope, member: drawId("member", random) } }],
    ["another organisation", { scope: { ...scope, organisation: drawId("organisation", random) } }],
    ["another kind", { scope: { ...scope, kind: "passkey" as const } }],
    ["another signing key", { scope: { ...scope, signingPublicKey: random.bytes(32) } }],
    ["another HPKE key", { scope: { ...scope, hpkePublicKey: random.bytes(1249) } }],
    ["another chain", { scope: { ...scope, previous: random.bytes(32) } }],
  ])("do not open with %s", async (_, change) => {
    const sealed = await sealHolderKeys(node, { secret, scope, keys });
    expect(await openHolderKeys(node, { secret, scope, sealed, ...change })).toBeNull();
  });

  test("do not open once any byte is changed, cut or added", async () => {
    const sealed = await sealHolderKeys(node, { secret, scope, keys });
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, position) => (position === at ? byte ^ 1 : byte));
      expect(await openHolderKeys(node, { secret, scope, sealed: changed })).toBeNull();
      expect(await openHolderKeys(node, { secret, scope, sealed: sealed.slice(0, at) })).toBeNull();
    }
    expect(await openHolderKeys(node, { secret, scope, sealed: Uint8Array.from([...sealed, 0]) })).toBeNull();
  });

  test("are not sealed under less than 160 bits", async () => {
    await expect(sealHolderKeys(node, { secret: random.bytes(19), scope, keys })).rejects.toThrow(RangeError);
    expect(await sealHolderKeys(node, { secret: random.bytes(20), scope, keys })).toBeDefined();
  });
});

describe("a member key sealed to a device", async () => {
  const memberKey = await node.hpke.generateKeyPair();
  const wrap = { ...member, generation: 2, holder: scope.holder };
  const sealed = await sealMemberKey(node, {
    publicKey: hpke.publicKey,
    scope: wrap,
    privateKey: memberKey.privateKey,
  });
  const open = (change: object = {}) =>
    openMemberKey(node, {
      privateKey: hpke.privateKey,
      scope: wrap,
      sealed,
      memberPublicKey: memberKey.publicKey,
      ...change,
    });

  test("opens there", async () => {
    expect(await open()).toEqual(memberKey);
  });

  test("and put there by the server, its own, is not accepted", async () => {
    const servers = await node.hpke.generateKeyPair();
    const forged = await sealMemberKey(node, {
      publicKey: hpke.publicKey,
      scope: wrap,
      privateKey: servers.privateKey,
    });
    expect(await open({ sealed: forged })).toBeNull();
    expect(await open({ sealed: forged, memberPublicKey: servers.publicKey })).toEqual(servers);
  });

  test.each([
    ["generation", { scope: { ...wrap, generation: 1 } }],
    ["holder", { scope: { ...wrap, holder: drawId("device", random) } }],
    ["member", { scope: { ...wrap, member: drawId("member", random) } }],
  ])("is bound to its %s", async (_, change) => {
    expect(await open(change)).toBeNull();
  });

  test("opens for no other device, and nothing that is no key comes out", async () => {
    const other = await node.hpke.generateKeyPair();
    expect(await open({ privateKey: other.privateKey })).toBeNull();
    const short = await sealMemberKey(node, { publicKey: hpke.publicKey, scope: wrap, privateKey: random.bytes(5) });
    expect(await open({ sealed: short })).toBeNull();
    expect(await open({ sealed: new Uint8Array(0) })).toBeNull();
  });
});

describe("a pairing proof", () => {
  const code = drawPairingCode(random);
  const request = {
    ...member,
    device: scope.holder,
    name: "laptop",
    signingPublicKey: signing.publicKey,
    hpkePublicKey: hpke.publicKey,
  };

  test.each([
    ["another code", [drawPairingCode(random), request]],
    ["another signing key", [code, { ...request, signingPublicKey: random.bytes(32) }]],
    ["another HPKE key", [code, { ...request, hpkePublicKey: random.bytes(1249) }]],
    ["another name", [code, { ...request, name: "laptop2" }]],
    ["another device", [code, { ...request, device: drawId("device", random) }]],
    ["another member", [code, { ...request, member: drawId("member", random) }]],
  ] as const)("is another one for %s", async (_, [otherCode, other]) => {
    const proof = await provePairing(node, code, request);
    expect(await provePairing(node, code, { ...request })).toEqual(proof);
    expect(await provePairing(node, otherCode, other)).not.toEqual(proof);
  });

  test("of an approval stands for one statement, and is no proof of a request", async () => {
    const approval = { ...member, device: scope.holder, statementHash: random.bytes(32) };
    const proof = await proveApproval(node, code, approval);
    expect(await proveApproval(node, code, { ...approval, statementHash: random.bytes(32) })).not.toEqual(proof);
    expect(await proveApproval(node, drawPairingCode(random), approval)).not.toEqual(proof);
    expect(await provePairing(node, code, request)).not.toEqual(proof);
  });
});

describe("a signed request of a member", async () => {
  const request = {
    request: "release",
    organisation: member.organisation,
    transfer: drawId("transfer", random),
    device: scope.holder,
    grant: drawId("grant", random),
    content: random.bytes(32),
  } as const;
  const signature = await signMemberRequest(node, { request, privateKey: signing.privateKey });
  const { publicKey: signingPublicKey } = signing;

  test("is verified by the device's key", async () => {
    expect(await verifyMemberRequest(node, { request, signature, signingPublicKey })).toBe(true);
  });

  test.each([
    ["request", "add-recipient"],
    ["transfer", drawId("transfer", random)],
    ["device", drawId("device", random)],
    ["grant", drawId("grant", random)],
    ["content", random.bytes(32)],
    ["organisation", drawId("organisation", random)],
  ])("says nothing about another %s", async (field, value) => {
    const other = { ...request, [field]: value } as typeof request;
    expect(await verifyMemberRequest(node, { request: other, signature, signingPublicKey })).toBe(false);
  });

  test("is no other device's", async () => {
    const other = known(await node.signatures.generateKeyPair()).publicKey;
    expect(await verifyMemberRequest(node, { request, signature, signingPublicKey: other })).toBe(false);
  });
});
