import { nodeCrypto } from "@safeconduct/crypto-node";
import { type Bytes, copyBytes, drawId, MalformedBinary } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { signingKeyHash } from "./link.ts";
import { planPackage } from "./package-plan.ts";
import {
  decodeSealRecord,
  encodeSealRecord,
  partsRoot,
  SEAL_BYTES,
  type SealRecord,
  signSeal,
  verifySeal,
  verifySealSignature,
} from "./seal.ts";

const node = nodeCrypto();
const { random, sha256, signatures } = node;
const signer = await signatures.generateKeyPair();
const stranger = await signatures.generateKeyPair();
const plan = planPackage([{ id: drawId("file", random), path: "a", mediaType: "text/plain", sizeBytes: 30_000_000 }]);
const parts = plan.parts.map(({ number, sizeBytes }) => ({ number, sizeBytes, sha256: random.bytes(32) }));
const record: SealRecord = {
  layout: 2,
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  blobLengthBytes: plan.blobLengthBytes,
  partSizeBytes: plan.partSizeBytes,
  partCount: parts.length,
  partsRoot: partsRoot(sha256, parts),
  manifestOffset: plan.manifestOffset,
  manifestLengthBytes: plan.manifestLengthBytes,
  manifestCommitment: random.bytes(48),
};
const encoded = encodeSealRecord(record);
const signature = await signSeal(node, { record, privateKey: signer.privateKey });
const right = {
  record: encoded,
  signature,
  signingPublicKey: signer.publicKey,
  expected: {
    organisation: record.organisation,
    transfer: record.transfer,
    signingKeyHash: signingKeyHash(sha256, signer.publicKey),
  },
};

function flipped(bytes: Bytes, bit: number): Bytes {
  const changed = copyBytes(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

describe("a seal", () => {
  it("comes back from its 150 bytes and verifies for the sender's key", async () => {
    expect(encoded).toHaveLength(SEAL_BYTES);
    expect(decodeSealRecord(encoded)).toEqual(record);
    expect(await verifySeal(node, right)).toEqual(record);
  });

  it("does not verify with any one bit of record, signature or key flipped", async () => {
    for (let bit = 0; bit < 8 * encoded.length; bit++) {
      expect(await verifySeal(node, { ...right, record: flipped(encoded, bit) }), `record bit ${bit}`).toBeNull();
    }
    for (let bit = 0; bit < 8 * signature.length; bit++) {
      expect(await verifySeal(node, { ...right, signature: flipped(signature, bit) }), `bit ${bit}`).toBeNull();
    }
    for (let bit = 0; bit < 8 * 32; bit += 5) {
      expect(await verifySeal(node, { ...right, signingPublicKey: flipped(signer.publicKey, bit) })).toBeNull();
    }
  });

  it("does not verify for a stranger's key, even with the stranger's own signature", async () => {
    const forged = await signSeal(node, { record, privateKey: stranger.privateKey });
    const swapped = { ...right, signature: forged, signingPublicKey: stranger.publicKey };
    expect(await verifySeal(node, swapped)).toBeNull();
    expect(await verifySeal(node, { ...right, signature: forged })).toBeNull();
    expect(await verifySealSignature(node, swapped)).toBe(true);
  });

  it("does not verify for another transfer or organisation of the same sender", async () => {
    const transfer = drawId("transfer", random);
    const organisation = drawId("organisation", random);
    expect(await verifySeal(node, { ...right, expected: { ...right.expected, transfer } })).toBeNull();
    expect(await verifySeal(node, { ...right, expected: { ...right.expected, organisation } })).toBeNull();
  });

  it("does not verify by a signature over the bare record: its use is signed too", async () => {
    const bare = await signatures.sign(signer.privateKey, encoded);
    expect(await verifySeal(node, { ...right, signature: bare })).toBeNull();
  });

  it("does not verify a signed record that is malformed", async () => {
    const unsound = { ...record, manifestOffset: record.manifestOffset - 1 };
    const signed = await signSeal(node, { record: unsound, privateKey: signer.privateKey });
    expect(await verifySeal(node, { ...right, record: encodeSealRecord(unsound), signature: signed })).toBeNull();
    expect(await verifySeal(node, { ...right, signingPublicKey: new Uint8Array(0) })).toBeNull();
    expect(await verifySeal(node, { ...right, signature: new Uint8Array(0) })).toBeNull();
  });

  it.each<[string, Partial<SealRecord>]>([
    ["no part", { partCount: 0 }],
    [
      "more parts than the blob has room for",
      { partCount: Math.ceil(record.blobLengthBytes / record.partSizeBytes) + 1 },
    ],
    ["more than 10,000 parts", { partCount: 10_001 }],
    ["another part size", { partSizeBytes: record.partSizeBytes * 2 }],
    ["an empty blob", { blobLengthBytes: 0 }],
    [
      "a blob length that is not padded",
      { blobLengthBytes: record.blobLengthBytes + 1, manifestOffset: record.manifestOffset + 1 },
    ],
    ["a manifest that ends before the blob", { manifestOffset: record.manifestOffset - 1 }],
    ["a manifest that ends after the blob", { manifestOffset: record.manifestOffset + 1 }],
    [
      "a manifest of another length",
      { manifestLengthBytes: record.manifestLengthBytes + 1, manifestOffset: record.manifestOffset - 1 },
    ],
    [
      "a manifest under 16 KiB",
      { manifestLengthBytes: 106 + 8192, manifestOffset: record.blobLengthBytes - 106 - 8192 },
    ],
  ])("does not decode with %s", (_what, change) => {
    expect(() => decodeSealRecord(encodeSealRecord({ ...record, ...change }))).toThrow(MalformedBinary);
  });

  it("does not decode of another version or suite, cut short, or with a byte more", () => {
    const wrong = [
      flipped(encoded, 1),
      flipped(encoded, 9),
      encoded.slice(0, -1),
      new Uint8Array([...encoded, 0]),
      new Uint8Array(0),
    ];
    for (const bytes of wrong) expect(() => decodeSealRecord(bytes)).toThrow(MalformedBinary);
  });
});

describe("the root over all parts", () => {
  it("changes with any part's number, size, hash or order, and with one part more or less", () => {
    const [one, two, ...rest] = parts;
    if (one === undefined || two === undefined) throw new Error("the plan has several parts");
    const renumbered = [{ ...two, number: 1 }, { ...one, number: 2 }, ...rest];
    const roots = [
      parts,
      parts.slice(0, -1),
      [...parts, { number: parts.length + 1, sizeBytes: 0, sha256: random.bytes(32) }],
      [{ ...one, sizeBytes: one.sizeBytes + 1 }, two, ...rest],
      [{ ...one, sha256: flipped(one.sha256, 0) }, two, ...rest],
      renumbered,
    ].map((each) => partsRoot(sha256, each).join());
    expect(new Set(roots).size).toBe(roots.length);
  });

  it("is made of all parts in order, from 1", () => {
    expect(() => partsRoot(sha256, parts.slice(1))).toThrow(RangeError);
    expect(() => partsRoot(sha256, parts.toReversed())).toThrow(RangeError);
  });
});
