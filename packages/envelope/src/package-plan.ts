/**
 * The layout of a package's one blob, by arithmetic alone: a FLOE object for each file, one after the other, an object
 * of padding, and the manifest's object. All of it is known before the first byte is encrypted.
 *
 * The blob's length follows Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
 * with PURBs", PETS 2019, §4), so that it tells O(log log) bits of the true size for at most 12 % more.
 */
import type { Bytes } from "@safeconduct/foundation";
import { envelopeProblem } from "./errors.ts";
import { FLOE_HEADER_BYTES, SEGMENT_OVERHEAD_BYTES } from "./floe.ts";
import type { ObjectMark } from "./key-schedule.ts";
import { layoutOfHeaders, type PackageLayout, segmentPlaintextOf, WRITTEN_LAYOUT } from "./layout.ts";
import { FILE_LIMIT, type PackageFile, paddedManifestBytes, validMediaType } from "./manifest.ts";
import { collidingPath, validPath } from "./package-path.ts";

const MEBIBYTE = 1 << 20;

/** Plaintext of all files together. */
export const PACKAGE_LIMIT_BYTES = 2 ** 40;
/** Parts to start with; S3 takes no fewer than 5 MiB. */
export const SMALLEST_PART_BYTES = 8 * MEBIBYTE;
/** S3's limit on the parts of one object. */
export const PART_LIMIT = 10_000;

/** Length of the smallest FLOE object, that of nothing. */
const EMPTY_OBJECT_BYTES = FLOE_HEADER_BYTES + SEGMENT_OVERHEAD_BYTES;

/** One FLOE object in the blob. */
export interface PackageObject {
  readonly mark: ObjectMark;
  readonly plaintextBytes: number;
  /** Of every segment but the last. */
  readonly segmentPlaintextBytes: number;
  readonly segmentCount: number;
  /** Where its header begins. */
  readonly offset: number;
  /** Header and segments. */
  readonly lengthBytes: number;
}

/** A run of whole segments; an object's header travels with its first. Encrypted and put as one piece. */
export interface PackagePart {
  /** From 1, as S3 counts. */
  readonly number: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** The first segment: position in `plan.objects`, and in that object. */
  readonly first: { readonly object: number; readonly segment: number };
  readonly segmentCount: number;
}

export interface PackagePlan {
  readonly layout: PackageLayout;
  readonly files: readonly PackageFile[];
  /** The files in order, the padding, the manifest. */
  readonly objects: readonly PackageObject[];
  readonly blobLengthBytes: number;
  readonly manifestOffset: number;
  readonly manifestLengthBytes: number;
  /** Every part but the last has at least this many bytes, and at most a segment and a header more. */
  readonly partSizeBytes: number;
  readonly parts: readonly PackagePart[];
}

/**
 * The one plan for these files in this order. Expected Problems: `envelope/no-files`, `too-many-files`,
 * `invalid-path`, `duplicate-path`, `package-too-large`. A bad size, media type or repeated id throws RangeError.
 */
export function planPackage(files: readonly PackageFile[], layout: PackageLayout = WRITTEN_LAYOUT): PackagePlan {
  requireFiles(files);
  const objects: PackageObject[] = [];
  let offset = 0;
  const place = (mark: ObjectMark, plaintextBytes: number): PackageObject => {
    const object = { mark, plaintextBytes, ...objectShape(plaintextBytes, layout), offset };
    offset += object.lengthBytes;
    objects.push(object);
    return object;
  };
  for (const { id, sizeBytes } of files) place({ kind: "file", fileId: id }, sizeBytes);
  const manifestBytes = paddedManifestBytes(files);
  place({ kind: "padding" }, paddingBytes(offset + objectShape(manifestBytes, layout).lengthBytes, layout));
  const manifest = place({ kind: "manifest" }, manifestBytes);
  const partSizeBytes = partSize(offset);
  return {
    layout,
    files,
    objects,
    blobLengthBytes: offset,
    manifestOffset: manifest.offset,
    manifestLengthBytes: manifest.lengthBytes,
    partSizeBytes,
    parts: cutParts(objects, partSizeBytes),
  };
}

/** The plan of a package that was begun, perhaps by an earlier client: files and headers as its writer kept them. */
export function planAgain({ files, headers }: { files: readonly PackageFile[]; headers: Bytes }): PackagePlan {
  return planPackage(files, layoutOfHeaders(headers));
}

/** Segments and length of the FLOE object of a plaintext. An empty plaintext is one empty segment, no other one is. */
export function objectShape(
  plaintextBytes: number,
  layout: PackageLayout,
): Pick<PackageObject, "segmentPlaintextBytes" | "segmentCount" | "lengthBytes"> {
  const segmentPlaintextBytes = segmentPlaintextOf(layout);
  const segmentCount = Math.max(1, Math.ceil(plaintextBytes / segmentPlaintextBytes));
  const lengthBytes = FLOE_HEADER_BYTES + segmentCount * SEGMENT_OVERHEAD_BYTES + plaintextBytes;
  return { segmentPlaintextBytes, segmentCount, lengthBytes };
}

/** Plaintext length of an object of `lengthBytes`, or null where no object has that length. */
export function objectPlaintextBytes(lengthBytes: number, layout: PackageLayout): number | null {
  const encryptedSegmentBytes = segmentPlaintextOf(layout) + SEGMENT_OVERHEAD_BYTES;
  const segmentCount = Math.ceil((lengthBytes - FLOE_HEADER_BYTES) / encryptedSegmentBytes);
  const plaintextBytes = lengthBytes - FLOE_HEADER_BYTES - segmentCount * SEGMENT_OVERHEAD_BYTES;
  if (plaintextBytes < 0 || objectShape(plaintextBytes, layout).lengthBytes !== lengthBytes) return null;
  return plaintextBytes;
}

/** Plaintext length of one segment of an object. */
export function segmentPlaintextLength(
  { plaintextBytes, segmentPlaintextBytes }: PackageObject,
  segment: number,
): number {
  return Math.min(segmentPlaintextBytes, plaintextBytes - segment * segmentPlaintextBytes);
}

/** Padmé: the smallest length at or over `length` whose last bits are zero. */
export function padme(length: number): number {
  const exponent = floorLog2(length);
  if (exponent < 1) return length;
  const unit = 2 ** (exponent - floorLog2(exponent) - 1);
  return Math.ceil(length / unit) * unit;
}

/** At least 8 MiB, in whole MiB, and so large that the blob has at most 10,000 parts. */
export function partSize(blobLengthBytes: number): number {
  return Math.max(SMALLEST_PART_BYTES, Math.ceil(blobLengthBytes / PART_LIMIT / MEBIBYTE) * MEBIBYTE);
}

function requireFiles(files: readonly PackageFile[]): void {
  if (files.length === 0) throw envelopeProblem("envelope/no-files");
  if (files.length > FILE_LIMIT) throw envelopeProblem("envelope/too-many-files");
  let total = 0;
  for (const [position, { path, mediaType, sizeBytes }] of files.entries()) {
    if (!validPath(path)) throw envelopeProblem("envelope/invalid-path", { field: `/files/${position}/path` });
    if (!validMediaType(mediaType)) throw new RangeError("not a media type");
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new RangeError("not a size in bytes");
    total += sizeBytes;
    if (total > PACKAGE_LIMIT_BYTES) throw envelopeProblem("envelope/package-too-large");
  }
  if (new Set(files.map(({ id }) => id)).size !== files.length) throw new RangeError("file id used twice");
  const paths = files.map(({ path }) => path);
  const colliding = collidingPath(paths);
  if (colliding !== null) {
    throw envelopeProblem("envelope/duplicate-path", { field: `/files/${paths.lastIndexOf(colliding)}/path` });
  }
}

/**
 * Plaintext of the padding object that takes a blob of `others` bytes to the next reachable Padmé length. A length at
 * most 32 bytes over full segments is reached by no object; the next Padmé length then is, units being larger.
 */
function paddingBytes(others: number, layout: PackageLayout): number {
  let target = padme(others + EMPTY_OBJECT_BYTES);
  let plaintextBytes = objectPlaintextBytes(target - others, layout);
  while (plaintextBytes === null) {
    target = padme(target + 1);
    plaintextBytes = objectPlaintextBytes(target - others, layout);
  }
  return plaintextBytes;
}

function cutParts(objects: readonly PackageObject[], partSizeBytes: number): PackagePart[] {
  const parts: PackagePart[] = [];
  let offset = 0;
  let open = { first: { object: 0, segment: 0 }, sizeBytes: 0, segmentCount: 0 };
  const close = (next: { object: number; segment: number }): void => {
    if (open.segmentCount === 0) return;
    parts.push({ number: parts.length + 1, offset, ...open });
    offset += open.sizeBytes;
    open = { first: next, sizeBytes: 0, segmentCount: 0 };
  };
  for (const [position, object] of objects.entries()) {
    for (let segment = 0; segment < object.segmentCount; segment++) {
      if (open.sizeBytes >= partSizeBytes) close({ object: position, segment });
      open.sizeBytes += segmentPlaintextLength(object, segment) + SEGMENT_OVERHEAD_BYTES;
      if (segment === 0) open.sizeBytes += FLOE_HEADER_BYTES;
      open.segmentCount++;
    }
  }
  close({ object: objects.length, segment: 0 });
  return parts;
}

function floorLog2(value: number): number {
  let exponent = 0;
  // Not Math.log2, which rounds up close below a large power of two.
  while (2 ** (exponent + 1) <= value) exponent++;
  return exponent;
}
