import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  BinaryWriter,
  type Bytes,
  copyBytes,
  drawId,
  type FileId,
  idBytes,
  MalformedBinary,
} from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import {
  decodeManifest,
  encodeManifest,
  FILE_LIMIT,
  MANIFEST_LIMIT_BYTES,
  type Manifest,
  type ManifestFile,
  validMediaType,
} from "./manifest.ts";

const { random } = nodeCrypto();

function file(path: string, id: FileId = drawId("file", random)): ManifestFile {
  return { id, path, mediaType: "application/dicom", sizeBytes: 5, digest: random.bytes(32), offset: 0 };
}

const manifest: Manifest = {
  version: 3,
  organisation: drawId("organisation", random),
  transfer: drawId("transfer", random),
  files: [file("a/1.dcm"), file("a/2.dcm")],
};

/** Encodes without any of the checks, as an attacker would. */
function forge(change: {
  version?: number;
  suite?: number;
  count?: number;
  files?: readonly ManifestFile[];
  tail?: Bytes;
  padTo?: number;
}): Bytes {
  const files = change.files ?? manifest.files;
  const writer = new BinaryWriter()
    .u8(change.version ?? 3)
    .u8(change.suite ?? 1)
    .fixed(idBytes(manifest.organisation), 16)
    .fixed(idBytes(manifest.transfer), 16)
    .u32(change.count ?? files.length);
  for (const each of files) {
    writer
      .fixed(idBytes(each.id), 16)
      .text(each.path)
      .text(each.mediaType)
      .u64(each.sizeBytes)
      .fixed(each.digest, 32)
      .u64(each.offset);
  }
  if (change.tail) writer.fixed(change.tail, change.tail.length);
  const padded = new Uint8Array(change.padTo ?? 16_384);
  padded.set(new BinaryWriter().vector(writer.bytes()).bytes());
  return padded;
}

describe("a manifest", () => {
  it("comes back from its one encoding", () => {
    expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
    expect(forge({})).toEqual(encodeManifest(manifest));
  });

  it("shows the number of files only by powers of two, from 16 KiB", () => {
    const many = (count: number): number =>
      encodeManifest({ ...manifest, files: Array.from({ length: count }, (_, i) => file(`f${i}.dcm`)) }).length;
    expect(many(1)).toBe(16_384);
    expect(many(100)).toBe(16_384);
    expect(many(1000)).toBe(131_072);
  });

  it("holds 10,000 files with the longest names, and not one more", () => {
    const folders = `${"a".repeat(250)}/`.repeat(4);
    const files = Array.from({ length: FILE_LIMIT }, (_, i) => ({
      ...file(`${folders}${i}`.padEnd(1024, "x")),
      mediaType: `${"t".repeat(127)}/${"s".repeat(127)}`,
    }));
    const encoded = encodeManifest({ ...manifest, files });
    expect(encoded).toHaveLength(MANIFEST_LIMIT_BYTES);
    expect(decodeManifest(encoded).files).toHaveLength(FILE_LIMIT);
    const tooMany = Array.from({ length: FILE_LIMIT + 1 }, (_, i) => file(`${i}`));
    expect(() => decodeManifest(encodeManifest({ ...manifest, files: tooMany }))).toThrow(MalformedBinary);
  });

  const [one] = manifest.files;
  if (one === undefined) throw new Error("the manifest has a file");
  const same = drawId("file", random);
  it.each<[string, Bytes]>([
    ["of version 0", forge({ version: 0 })],
    ["of a later version", forge({ version: 4 })],
    ["of another suite", forge({ suite: 2 })],
    ["without a file", forge({ files: [], count: 0 })],
    ["that counts more files than it has", forge({ count: 3 })],
    ["that counts fewer files than it has", forge({ count: 1 })],
    ["with bytes after the last file", forge({ tail: Uint8Array.of(0) })],
    ["padded further", forge({ padTo: 32_768 })],
    ["padded less", forge({ padTo: 8192 })],
    ["with one file id twice", forge({ files: [file("a", same), file("b", same)] })],
    ["with one path twice", forge({ files: [file("a"), file("a")] })],
    ["with paths equal but for case", forge({ files: [file("a"), file("A")] })],
    ["with a file where another needs a folder", forge({ files: [file("a"), file("a/b")] })],
    ["with a path that climbs out", forge({ files: [file("../a")] })],
    ["with an absolute path", forge({ files: [file("/a")] })],
    ["with a path over its limit", forge({ files: [file("a/".repeat(600) + "b")] })],
    ["with a media type that has parameters", forge({ files: [{ ...one, mediaType: "text/html; charset=x" }] })],
    ["with a media type in capitals", forge({ files: [{ ...one, mediaType: "Text/html" }] })],
    ["without a media type", forge({ files: [{ ...one, mediaType: "" }] })],
    ["of nothing", new Uint8Array(0)],
    ["of zeros", new Uint8Array(16_384)],
  ])("%s does not decode", (_what, bytes) => {
    expect(() => decodeManifest(bytes)).toThrow(MalformedBinary);
  });

  it("does not decode with a padding byte that is not zero", () => {
    const encoded = encodeManifest(manifest);
    for (const at of [encoded.length - 1, 1000]) {
      const changed = copyBytes(encoded);
      changed[at] = 1;
      expect(() => decodeManifest(changed)).toThrow(MalformedBinary);
    }
  });

  it("does not decode, or decodes to something else, with any one bit flipped", () => {
    const encoded = encodeManifest(manifest);
    const length = 300;
    for (let bit = 0; bit < 8 * length; bit++) {
      const changed = copyBytes(encoded);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodedOrNull(changed), `bit ${bit}`).not.toEqual(manifest);
    }
  });

  it("takes media types of two parts, of at most 127 characters each", () => {
    for (const good of ["text/plain", "application/vnd.a+b-c.d", `a/${"b".repeat(127)}`, `${"a".repeat(127)}/b`]) {
      expect(validMediaType(good), `type ${good}`).toBe(true);
    }
    for (const bad of [
      "text",
      "text/",
      "/plain",
      "a/b/c",
      "a /b",
      "A/b",
      `a/${"b".repeat(128)}`,
      `${"a".repeat(128)}/b`,
      "a/b\n",
      "*/*",
    ]) {
      expect(validMediaType(bad), `type ${bad}`).toBe(false);
    }
  });
});

function decodedOrNull(bytes: Bytes): Manifest | null {
  try {
    return decodeManifest(bytes);
  } catch (error) {
    if (error instanceof MalformedBinary) return null;
    throw error;
  }
}
