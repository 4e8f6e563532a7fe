/**
 * The manifest: what the package holds and where. Encrypted like a file, so names, types, true sizes, hashes and the
 * number of files are known to those with P alone. Canonical: there is one encoding of a list of files.
 */
import {
  BinaryReader,
  BinaryWriter,
  type Bytes,
  type FileId,
  MalformedBinary,
  type OrganisationId,
  type TransferId,
  utf8Bytes,
} from "@safeconduct/foundation";
import { readId, writeId } from "./id-field.ts";
import type { ManifestVersion } from "./layout.ts";
import { collidingPath, PATH_LIMIT_BYTES, validPath } from "./package-path.ts";
import { HASH_BYTES, SUITE } from "./suite.ts";

export const FILE_LIMIT = 10_000;
/** RFC 6838 §4.2: 127 characters for the type, 127 for the subtype. */
const MEDIA_TYPE_LIMIT_BYTES = 255;
/** Smallest padded manifest: up to some hundred files look alike. */
export const MANIFEST_MINIMUM_BYTES = 16 * 1024;
/** Largest padded manifest: 10,000 files with the longest paths fit. */
export const MANIFEST_LIMIT_BYTES = 16 * 1024 * 1024;

/** `type/subtype` of RFC 6838 in lower case, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** A file as the sender names it. */
export interface PackageFile {
  readonly id: FileId;
  /** As `validPath` demands. */
  readonly path: string;
  /** `type/subtype` in lower case, without parameters; what the sender says, so never a reason to run anything. */
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** A file as the manifest holds it. */
export interface ManifestFile extends PackageFile {
  /** 32 bytes of the whole plaintext, as `startFileDigest` makes them for the manifest's version. */
  readonly digest: Bytes;
  /** Where its FLOE header begins in the blob. */
  readonly offset: number;
}

export interface Manifest {
  /** 3 is written; 1 and 2 are read for ever. */
  readonly version: ManifestVersion;
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
  /** In the order in which they stand in the blob. */
  readonly files: readonly ManifestFile[];
}

/** Bytes of all fields of one file but the two texts: id, two text lengths, size, hash, offset. */
const FILE_FIXED_BYTES = 16 + 4 + 4 + 8 + HASH_BYTES + 8;
/** Length of the list, version, suite, organisation, transfer and count. */
const FIXED_BYTES = 4 + 1 + 1 + 16 + 16 + 4;

/** Length of the padded plaintext: a power of two that depends on the names and their number alone. */
export function paddedManifestBytes(files: readonly PackageFile[]): number {
  let length = FIXED_BYTES;
  for (const { path, mediaType } of files) {
    length += FILE_FIXED_BYTES + utf8Bytes(path).length + utf8Bytes(mediaType).length;
  }
  let padded = MANIFEST_MINIMUM_BYTES;
  while (padded < length) padded *= 2;
  return padded;
}

export function validMediaType(mediaType: string): boolean {
  return MEDIA_TYPE.test(mediaType);
}

/** The padded plaintext: a vector with the manifest, then zeros. The files were checked when the package was planned. */
export function encodeManifest({ version, organisation, transfer, files }: Manifest): Bytes {
  const writer = new BinaryWriter().u8(version).u8(SUITE);
  writeId(writeId(writer, organisation), transfer).u32(files.length);
  for (const { id, path, mediaType, sizeBytes, digest, offset } of files) {
    writeId(writer, id).text(path).text(mediaType).u64(sizeBytes).fixed(digest, HASH_BYTES).u64(offset);
  }
  const padded = new Uint8Array(paddedManifestBytes(files));
  padded.set(new BinaryWriter().vector(writer.bytes()).bytes());
  return padded;
}

/** Reads a padded plaintext. Throws MalformedBinary unless it is what {@link encodeManifest} writes for valid files. */
export function decodeManifest(plaintext: Bytes): Manifest {
  const outer = new BinaryReader(plaintext);
  const inner = outer.vector(MANIFEST_LIMIT_BYTES);
  const reader = new BinaryReader(inner);
  const version = reader.u8();
  if ((version !== 1 && version !== 2 && version !== 3) || reader.u8() !== SUITE)
    throw new MalformedBinary("unknown manifest version");
  const organisation = readId(reader, "organisation");
  const transfer = readId(reader, "transfer");
  const count = reader.u32();
  if (count < 1 || count > FILE_LIMIT) throw new MalformedBinary("number of files outside its limits");
  const files: ManifestFile[] = [];
  for (let i = 0; i < count; i++) files.push(readFile(reader));
  reader.end();
  if (new Set(files.map(({ id }) => id)).size !== count) throw new MalformedBinary("file id used twice");
  if (collidingPath(files.map(({ path }) => path)) !== null) throw new MalformedBinary("paths collide");
  if (plaintext.length !== paddedManifestBytes(files)) throw new MalformedBinary("manifest padded to another length");
  if (plaintext.subarray(4 + inner.length).some((byte) => byte !== 0)) throw new MalformedBinary("padding is not zero");
  return { version, organisation, transfer, files };
}

function readFile(reader: BinaryReader): ManifestFile {
  const file = {
    id: readId(reader, "file"),
    path: reader.text(PATH_LIMIT_BYTES),
    mediaType: reader.text(MEDIA_TYPE_LIMIT_BYTES),
    sizeBytes: reader.u64(),
    digest: reader.fixed(HASH_BYTES),
    offset: reader.u64(),
  };
  if (!validPath(file.path)) throw new MalformedBinary("invalid path");
  if (!validMediaType(file.mediaType)) throw new MalformedBinary("invalid media type");
  return file;
}
