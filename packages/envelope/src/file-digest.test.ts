import { createHash } from "node:crypto";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { type Bytes, copyBytes, hexText } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { type ManifestVersion, startFileDigest } from "./file-digest.ts";

/** From docs/formats/envelope.md, not from the code. */
const SEGMENT = 2 ** 20 - 32;
const PIECE = 2 ** 19 - 16;
const LABEL = "safeconduct/file-digest";
const DOMAIN = Buffer.concat([Buffer.from([0, 0, 0, LABEL.length]), Buffer.from(LABEL), Buffer.from([1, 1])]);

const sha256 = (...pieces: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};
const known: Record<ManifestVersion, (bytes: Bytes) => string> = {
  1: (bytes) => sha256(bytes).toString("hex"),
  2: (bytes) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, at) =>
      bytes.subarray(at * PIECE, (at + 1) * PIECE),
    );
    return sha256(DOMAIN, ...pieces.map((piece) => sha256(piece))).toString("hex");
  },
};
const contentOf = (sizeBytes: number): Bytes =>
  Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 11)) & 0xff);

describe.each([
  { platform: "Node", ports: nodeCrypto() },
  { platform: "WebCrypto", ports: await loadWebCrypto() },
])("the digest of a file on $platform", ({ ports }) => {
  describe.each([1, 2] as const)("of version %i", (version) => {
    const of = async (bytes: Bytes): Promise<string> => {
      const digest = startFileDigest(ports, version);
      for (let at = 0; at < bytes.length; at += SEGMENT) {
        const segment = copyBytes(bytes.subarray(at, at + SEGMENT));
        await digest.add(segment);
        segment.fill(0);
        expect(hexText(digest.soFar())).toBe(known[version](bytes.subarray(0, at + SEGMENT)));
      }
      return hexText(digest.digest());
    };

    it.each([0, 1, PIECE - 1, PIECE, PIECE + 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT + PIECE + 7])(
      "of %i bytes is what the format says",
      async (sizeBytes) => {
        const bytes = contentOf(sizeBytes);
        expect(await of(bytes)).toBe(known[version](bytes));
      },
    );

    it("changes with each bit, with the length and with the order of pieces", async () => {
      const bytes = contentOf(SEGMENT + PIECE);
      const seen = [await of(bytes), await of(bytes.subarray(1)), await of(bytes.subarray(0, -1))];
      for (const at of [0, PIECE - 1, PIECE, SEGMENT, SEGMENT + PIECE - 1]) {
        const changed = copyBytes(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        seen.push(await of(changed));
      }
      const turned = copyBytes(bytes);
      turned.set(bytes.subarray(PIECE, 2 * PIECE), 0);
      turned.set(bytes.subarray(0, PIECE), PIECE);
      seen.push(await of(turned));
      expect(new Set(seen).size).toBe(9);
    });
  });

  it("a digest of digests is not the digest of a file that holds them", async () => {
    const bytes = contentOf(2 * PIECE);
    const made = startFileDigest(ports, 2);
    await made.add(bytes);
    const forged = startFileDigest(ports, 1);
    await forged.add(new Uint8Array(Buffer.concat([sha256(bytes.subarray(0, PIECE)), sha256(bytes.subarray(PIECE))])));
    expect(hexText(made.digest())).not.toBe(hexText(forged.digest()));
  });
});
