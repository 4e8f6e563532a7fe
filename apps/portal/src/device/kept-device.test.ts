import { nodeCrypto } from "@safeconduct/crypto-node";
import { makeDeviceKeys } from "@safeconduct/client";
import { drawId } from "@safeconduct/foundation";
import { describe, expect, test } from "vitest";
import { decodeKept, encodeKept } from "./kept-device.ts";
import { newestDevice } from "./newest-device.ts";

const crypto = nodeCrypto();
const owner = {
  organisation: drawId("organisation", crypto.random),
  member: drawId("member", crypto.random),
  keyServiceSigningKey: new Uint8Array(32).fill(7),
};
const keys = await makeDeviceKeys({ crypto }, owner);
const pair = async (generation: number) => ({ generation, ...(await crypto.hpke.generateKeyPair()) });
const [first, second] = [await pair(1), await pair(2)];
const device = {
  ...keys,
  memberKeys: [first],
  chain: { position: 1, hash: new Uint8Array(32).fill(1) },
  recoveryKey: null,
};
const later = { ...device, memberKeys: [first, second], chain: { position: 3, hash: new Uint8Array(32).fill(3) } };
const recoveryKey = {
  generation: 2,
  publicKey: first.publicKey,
  keyId: new Uint8Array(4),
  hash: new Uint8Array(32),
};

describe("what a browser keeps of a device", () => {
  test.each([
    { kind: "device", device, name: "Chrome on Linux", isIn: true },
    { kind: "device", device: { ...later, recoveryKey }, name: "x", isIn: false },
    { kind: "joining", joining: { keys, name: "x", code: new Uint8Array(12), printedCode: "A-B" }, askedAt: 5 },
    { kind: "removed", name: "x", at: 7 },
  ] as const)("comes back as it was: $kind", (kept) => {
    expect(decodeKept(encodeKept(kept))).toEqual(kept);
  });

  test("opens as it was written in November 2026", () => {
    const text = '{"version":1,"kind":"removed","name":"Chrome on Linux","at":1795000000000}';
    expect(decodeKept(new TextEncoder().encode(text))).toEqual({
      kind: "removed",
      name: "Chrome on Linux",
      at: 1_795_000_000_000,
    });
  });

  const whole = JSON.parse(new TextDecoder().decode(encodeKept({ kind: "device", device, name: "x", isIn: true }))) as {
    device: Record<string, unknown>;
  };
  test.each([
    ["a later version", { ...whole, version: 2 }],
    ["no version", { ...whole, version: undefined }],
    ["another kind", { ...whole, kind: "other" }],
    ["a field that nobody knows", { ...whole, more: 1 }],
    ["no member key", { ...whole, device: { ...whole.device, memberKeys: [] } }],
    ["a key of another length", { ...whole, device: { ...whole.device, keyServiceSigningKey: "AAAA" } }],
    ["an id of another kind", { ...whole, device: { ...whole.device, member: whole.device["organisation"] } }],
    ["no name", { ...whole, name: "" }],
  ])("is damaged with %s", (_, changed) => {
    expect(decodeKept(new TextEncoder().encode(JSON.stringify(changed)))).toBeNull();
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["no text", new Uint8Array([0xff, 0xfe])],
    ["half of it", encodeKept({ kind: "removed", name: "x", at: 1 }).subarray(0, 20)],
  ])("is damaged when it is %s", (_, bytes) => {
    expect(decodeKept(bytes)).toBeNull();
  });
});

describe("a device of two tabs", () => {
  test("forgets no statement and no key, whichever tab was later", () => {
    expect(newestDevice(device, later)).toEqual(later);
    expect(newestDevice(later, device)).toEqual(later);
    const withKey = { ...device, recoveryKey };
    expect(newestDevice(withKey, later)).toEqual({ ...later, recoveryKey });
    expect(newestDevice(withKey, { ...later, recoveryKey: { ...recoveryKey, generation: 1 } })).toEqual({
      ...later,
      recoveryKey,
    });
  });

  test("is not mixed with another device", () => {
    expect(() => newestDevice(device, { ...later, device: drawId("device", crypto.random) })).toThrow("two devices");
  });
});
