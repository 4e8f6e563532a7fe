import { createHash } from "node:crypto";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { type Bytes, concatBytes, copyBytes, hexText } from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { startFileDigest } from "./file-digest.ts";
import type { ManifestVersion } from "./layout.ts";

/** From docs/formats/envelope.md, not from the code. */
const SEGMENTS: Record<ManifestVersion, number> = { 1: 2 ** 20 - 32, 2: 2 ** 20 - 32, 3: 2 ** 19 - 32 };
const PIECES: Record<ManifestVersion, number> = { 1: 2 ** 19 - 16, 2: 2 ** 19 - 16, 3: 2 ** 19 - 32 };
const LABEL = "safeconduct/file-digest";
const DOMAIN = Buffer.concat([Buffer.from([0, 0, 0, LABEL.length]), Buffer.from(LABEL), Buffer.from([1, 1])]);
const HEADER = new Uint8Array(74).fill(9);

const sha256 = (...pieces: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
};
function known(version: ManifestVersion, bytes: Bytes): string {
  if (version === 1) return sha256(bytes).toString("hex");
  const length = PIECES[version];
  const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  );
  const hashes = pieces.map((piece) => sha256(version === 3 ? encrypted(piece) : piece));
  return sha256(DOMAIN, ...(version === 3 ? [HEADER] : []), ...hashes).toString("hex");
}
/** Other bytes than the plaintext, and more of them. */
const encrypted = (plaintext: Bytes): Bytes =>
  concatBytes(
    new Uint8Array(32).fill(7),
    plaintext.map((byte) => byte ^ 0x55),
  );
const contentOf = (sizeBytes: number): Bytes =>
  Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 11)) & 0xff);

describe.each([
  { platform: "Node", ports: nodeCrypto() },
  { platform: "WebCrypto", ports: await loadWebCrypto() },
])("the digest of a file on $platform", ({ ports }) => {
  describe.each([1, 2, 3] as const)("of version %i", (version) => {
    const [segment, piece] = [SEGMENTS[version], PIECES[version]];
    const of = async (bytes: Bytes): Promise<string> => {
      const digest = startFileDigest(ports, version, HEADER);
      for (let at = 0; at < bytes.length; at += segment) {
        const plaintext = copyBytes(bytes.subarray(at, at + segment));
        const added = digest.add({ plaintext, encryptedSha256: () => ports.sha256Aside(encrypted(plaintext)) });
        plaintext.fill(0);
        await added;
        expect(hexText(digest.soFar())).toBe(known(version, bytes.subarray(0, at + segment)));
      }
      return hexText(digest.digest());
    };

    it.each([0, 1, piece - 1, piece, piece + 1, segment - 1, segment, segment + 1, 2 * segment + piece + 7])(
      "of %i bytes is what the format says",
      async (sizeBytes) => {
        const bytes = contentOf(sizeBytes);
        expect(await of(bytes)).toBe(known(version, bytes));
      },
    );

    it("changes with each bit, with the length and with the order of pieces", async () => {
      const bytes = contentOf(segment + piece);
      const seen = [await of(bytes), await of(bytes.subarray(1)), await of(bytes.subarray(0, -1))];
      for (const at of [0, piece - 1, piece, segment + 1, segment + piece - 1]) {
        const changed = copyBytes(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        seen.push(await of(changed));
      }
      const turned = copyBytes(bytes);
      turned.set(bytes.subarray(piece, 2 * piece), 0);
      turned.set(bytes.subarray(0, piece), piece);
      seen.push(await of(turned));
      expect(new Set(seen).size).toBe(9);
    });
  });

  it("a digest of digests is not the digest of a file that holds them", async () => {
    const piece = PIECES[2];
    const plaintext = contentOf(2 * piece);
    const made = startFileDigest(ports, 2, HEADER);
    await made.add({ plaintext, encryptedSha256: unasked });
    const forged = startFileDigest(ports, 1, HEADER);
    const hashes = [sha256(plaintext.subarray(0, piece)), sha256(plaintext.subarray(piece))];
    await forged.add({ plaintext: new Uint8Array(Buffer.concat(hashes)), encryptedSha256: unasked });
    expect(hexText(made.digest())).not.toBe(hexText(forged.digest()));
  });

  it("changes with the header of the file's object since version 3", async () => {
    const of = async (version: ManifestVersion, header: Bytes) => {
      const digest = startFileDigest(ports, version, header);
      const plaintext = contentOf(9);
      await digest.add({ plaintext, encryptedSha256: () => ports.sha256Aside(plaintext) });
      return hexText(digest.digest());
    };
    const other = copyBytes(HEADER).fill(8, 73);
    expect(await of(3, HEADER)).not.toBe(await of(3, other));
    expect(await of(2, HEADER)).toBe(await of(2, other));
  });
});

const unasked = () => Promise.reject(new Error("hashes that nobody needs"));
