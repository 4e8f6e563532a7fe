/**
 * Opens a sealed package from ranges of its blob. Nothing is given out before its tag was checked, and the end of a
 * file not before the digest of the whole, which the sender's signature covers. Whatever is wrong with the bytes, the
 * answer is the same `envelope/cannot-open`.
 */
import {
  type Bytes,
  type CryptoPorts,
  concatBytes,
  equalBytes,
  type FileId,
  MalformedBinary,
  Problem,
} from "@safeconduct/foundation";
import { envelopeProblem } from "./errors.ts";
import { type FileDigest, startFileDigest } from "./file-digest.ts";
import { FLOE_HEADER_BYTES, type FloeMessage, SEGMENT_OVERHEAD_BYTES } from "./floe.ts";
import { commitManifest } from "./key-schedule.ts";
import { layoutOfManifest } from "./layout.ts";
import { decodeManifest, type Manifest, type ManifestFile } from "./manifest.ts";
import { continueObject, type PackageSecrets } from "./package-object.ts";
import {
  objectPlaintextBytes,
  objectShape,
  type PackageObject,
  type PackagePlan,
  planPackage,
  segmentPlaintextLength,
} from "./package-plan.ts";
import type { VerifiedSeal } from "./seal.ts";

/**
 * Exactly `length` bytes of the blob from `offset`, in `memory` where it is given and as long. What it throws is passed on;
 * a wrong length is a damaged package. The reader is done with the bytes at its next call.
 */
export type ReadBlobRange = (offset: number, length: number, memory?: Bytes) => Promise<Bytes>;

/** What one range read of a whole file fetches, in whole segments, its header with the first of them: fewer requests. */
const RANGE_BYTES = 4 * 1024 * 1024;

/** Reads and checks the manifest. `packageKey` is P, from the slot. */
export async function openPackage(
  ports: CryptoPorts,
  {
    packageKey,
    seal,
    readRange,
    giveBack,
  }: {
    packageKey: Bytes;
    seal: VerifiedSeal;
    readRange: ReadBlobRange;
    /** Hears of each range of a whole file that is not needed any more, so that its memory can be used again. */
    giveBack?: (range: Bytes) => void;
  },
): Promise<OpenedPackage> {
  const secrets = { packageKey, organisation: seal.organisation, transfer: seal.transfer };
  const blob = new BlobObjects(ports, secrets, { readRange, giveBack });
  const plaintext = await readManifest(blob, seal);
  if (!equalBytes(await commitManifest(ports, packageKey, plaintext), seal.manifestCommitment)) throw cannotOpen();
  const { manifest, plan } = plannedManifest(plaintext, seal);
  return new OpenedPackage(ports, blob, manifest, plan);
}

export class OpenedPackage {
  readonly manifest: Manifest;
  private readonly ports: CryptoPorts;
  private readonly blob: BlobObjects;
  private readonly entries: ReadonlyMap<FileId, { readonly file: ManifestFile; readonly object: PackageObject }>;
  /** The file that random access reads now. */
  private current: { readonly fileId: FileId; readonly message: Promise<FloeMessage> } | null = null;

  /** By `openPackage` only. */
  constructor(ports: CryptoPorts, blob: BlobObjects, manifest: Manifest, plan: PackagePlan) {
    this.ports = ports;
    this.blob = blob;
    this.manifest = manifest;
    this.entries = new Map(
      manifest.files.map((file, position) => [file.id, { file, object: objectAt(plan, position) }]),
    );
  }

  /**
   * The file's plaintext in order, in pieces of a segment: less than 512 KiB, or 1 MiB in a package of layout 1. The last piece
   * comes only after the digest of the whole was found right: whoever stores pieces before the end must throw them away when
   * this throws.
   * `memory` (each 1 MiB, enough for both): pieces take turns in these, so a piece is gone as many pieces later. Fresh memory
   * for each piece of a large file costs more than its decryption.
   */
  async *readFile(fileId: FileId, memory: readonly Bytes[] = []): AsyncGenerator<Bytes, void, undefined> {
    const { file, object } = this.entry(fileId);
    let digest: FileDigest | null = null;
    const segments = this.blob.read(object, memory);
    let added = Promise.resolve();
    for (let position = 1; ; position++) {
      const { value: segment, done } = await segments.next();
      if (done === true) return;
      const { plaintext, encrypted, header } = segment;
      digest ??= startFileDigest(this.ports, this.manifest.version, header);
      // Hashed while the next one is fetched and decrypted.
      await added;
      added = digest.add({ plaintext, encryptedSha256: () => this.ports.sha256Aside(encrypted) });
      // Heard of where it is waited for; a reader that stops early does not wait.
      added.catch(() => undefined);
      if (position === object.segmentCount) {
        await added;
        if (!equalBytes(digest.digest(), file.digest)) throw cannotOpen();
      }
      yield plaintext;
    }
  }

  /** How many segments `readSegment` can read of this file. */
  segmentCount(fileId: FileId): number {
    return this.entry(fileId).object.segmentCount;
  }

  /**
   * One segment by number from 0, authenticated as this file's segment at this place; the whole file's digest is not
   * checked, so another recipient of the same package in league with the store could have written it.
   */
  async readSegment(fileId: FileId, segment: number): Promise<Bytes> {
    const { object } = this.entry(fileId);
    if (!Number.isSafeInteger(segment) || segment < 0 || segment >= object.segmentCount) {
      throw new RangeError("segment outside the file");
    }
    if (this.current?.fileId !== fileId) this.current = { fileId, message: this.blob.start(object) };
    const current = this.current;
    try {
      return await this.blob.segment(await current.message, object, segment);
    } catch (error) {
      // A header that could not be fetched this time must not stand in the way of the next.
      if (this.current === current) this.current = null;
      throw error;
    }
  }

  private entry(fileId: FileId): { readonly file: ManifestFile; readonly object: PackageObject } {
    const entry = this.entries.get(fileId);
    if (entry === undefined) throw new RangeError("no such file in this package");
    return entry;
  }
}

interface ReadSegment {
  readonly plaintext: Bytes;
  /** Until the next one is asked for. */
  readonly encrypted: Bytes;
  /** Of its object, checked. */
  readonly header: Bytes;
}

/** The FLOE objects of an attacker-controlled blob. */
class BlobObjects {
  private readonly ports: CryptoPorts;
  private readonly secrets: PackageSecrets;
  private readonly readRange: ReadBlobRange;
  private readonly giveBack: ((range: Bytes) => void) | undefined;

  constructor(
    ports: CryptoPorts,
    secrets: PackageSecrets,
    { readRange, giveBack }: { readRange: ReadBlobRange; giveBack: ((range: Bytes) => void) | undefined },
  ) {
    this.ports = ports;
    this.secrets = secrets;
    this.readRange = readRange;
    this.giveBack = giveBack;
  }

  async start(object: PackageObject): Promise<FloeMessage> {
    return this.message(object, await this.range(object.offset, FLOE_HEADER_BYTES));
  }

  async segment(message: FloeMessage, object: PackageObject, segment: number): Promise<Bytes> {
    const { offset, length } = segmentSpan(object, segment);
    return this.decrypt(message, object, segment, await this.range(offset, length));
  }

  /** All segments in order. */
  async *read(object: PackageObject, memory: readonly Bytes[] = []): AsyncGenerator<ReadSegment, void, undefined> {
    let message: FloeMessage | null = null;
    const rangeSegments = RANGE_BYTES / encryptedSegmentBytes(object);
    for (let first = 0; first < object.segmentCount; first += rangeSegments) {
      const last = Math.min(first + rangeSegments, object.segmentCount) - 1;
      const offset = first === 0 ? object.offset : segmentSpan(object, first).offset;
      const lastSpan = segmentSpan(object, last);
      const bytes = await this.range(offset, lastSpan.offset + lastSpan.length - offset);
      message ??= await this.message(object, bytes.subarray(0, FLOE_HEADER_BYTES));
      for (let segment = first; segment <= last; segment++) {
        const span = segmentSpan(object, segment);
        const at = span.offset - offset;
        const target = memory[segment % memory.length];
        const encrypted = bytes.subarray(at, at + span.length);
        const plaintext = await this.decrypt(message, object, segment, encrypted, target);
        yield { plaintext, encrypted, header: message.header };
        if (segment === last) this.giveBack?.(bytes);
      }
    }
  }

  private async message(object: PackageObject, header: Bytes): Promise<FloeMessage> {
    const message = await continueObject(this.ports, this.secrets, object, header);
    if (message === null) throw cannotOpen();
    return message;
  }

  private async decrypt(
    message: FloeMessage,
    object: PackageObject,
    segment: number,
    bytes: Bytes,
    memory?: Bytes,
  ): Promise<Bytes> {
    const place = { position: segment, final: segment === object.segmentCount - 1 };
    const plaintext = await message.decryptSegment(place, bytes, memory);
    if (plaintext === null) throw cannotOpen();
    return plaintext;
  }

  private async range(offset: number, length: number): Promise<Bytes> {
    const bytes = await this.readRange(offset, length);
    if (bytes.length !== length) throw cannotOpen();
    return bytes;
  }
}

async function readManifest(
  blob: BlobObjects,
  { layout, manifestOffset, manifestLengthBytes }: VerifiedSeal,
): Promise<Bytes> {
  const plaintextBytes = objectPlaintextBytes(manifestLengthBytes, layout);
  if (plaintextBytes === null) throw cannotOpen();
  const object = {
    mark: { kind: "manifest" },
    plaintextBytes,
    ...objectShape(plaintextBytes, layout),
    offset: manifestOffset,
  } as const;
  const pieces: Bytes[] = [];
  for await (const { plaintext: piece } of blob.read(object)) pieces.push(piece);
  return concatBytes(...pieces);
}

/** The manifest and the one plan for its files, which must be the layout that the seal and the manifest tell. */
function plannedManifest(plaintext: Bytes, seal: VerifiedSeal): { manifest: Manifest; plan: PackagePlan } {
  try {
    const manifest = decodeManifest(plaintext);
    const plan = planPackage(manifest.files, seal.layout);
    const asPlanned =
      layoutOfManifest(manifest.version) === seal.layout &&
      manifest.organisation === seal.organisation &&
      manifest.transfer === seal.transfer &&
      plan.blobLengthBytes === seal.blobLengthBytes &&
      plan.manifestOffset === seal.manifestOffset &&
      plan.manifestLengthBytes === seal.manifestLengthBytes &&
      plan.parts.length === seal.partCount &&
      manifest.files.every(({ offset }, position) => offset === objectAt(plan, position).offset);
    if (asPlanned) return { manifest, plan };
  } catch (error) {
    if (!(error instanceof MalformedBinary || error instanceof Problem)) throw error;
  }
  throw cannotOpen();
}

function encryptedSegmentBytes({ segmentPlaintextBytes }: PackageObject): number {
  return segmentPlaintextBytes + SEGMENT_OVERHEAD_BYTES;
}

function segmentSpan(object: PackageObject, segment: number): { offset: number; length: number } {
  return {
    offset: object.offset + FLOE_HEADER_BYTES + segment * encryptedSegmentBytes(object),
    length: segmentPlaintextLength(object, segment) + SEGMENT_OVERHEAD_BYTES,
  };
}

function objectAt(plan: PackagePlan, position: number): PackageObject {
  const object = plan.objects[position];
  if (object === undefined) throw new RangeError("object outside the plan");
  return object;
}

function cannotOpen(): Problem {
  return envelopeProblem("envelope/cannot-open");
}
