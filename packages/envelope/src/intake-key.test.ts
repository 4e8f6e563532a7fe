import { nodeCrypto } from "@safeconduct/crypto-node";
import { expect, it } from "vitest";
import { signIntakeKey, verifyIntakeKey } from "./intake-key.ts";

const node = nodeCrypto();
const keyService = await node.signatures.generateKeyPair();
const stranger = await node.signatures.generateKeyPair();
const signed = await signIntakeKey(node, {
  privateKey: keyService.privateKey,
  key: { publicKey: node.random.bytes(1249), notBefore: 1000, notAfter: 2000 },
});
const holds = (key: typeof signed, signingPublicKey = keyService.publicKey) =>
  verifyIntakeKey(node, { signingPublicKey, key });

it("an intake key is believed with its own times, signed by the pinned key", async () => {
  expect(await holds(signed)).toBe(true);
});

it.each([
  ["another public key", { publicKey: node.random.bytes(1249) }],
  ["a shorter public key", { publicKey: signed.publicKey.slice(1) }],
  ["no public key", { publicKey: new Uint8Array(0) }],
  ["an earlier begin", { notBefore: 999 }],
  ["a later end", { notAfter: 2001 }],
  ["a signature of nothing", { signature: new Uint8Array(64) }],
  ["a short signature", { signature: signed.signature.slice(1) }],
])("an intake key with %s is not", async (_what, changed) => {
  expect(await holds({ ...signed, ...changed })).toBe(false);
});

it("an intake key of another key service is not", async () => {
  expect(await holds(signed, stranger.publicKey)).toBe(false);
});
