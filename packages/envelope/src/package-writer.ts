/**
 * Encrypts a planned package part by part, in order, in the memory of one part. After a restart it goes on from the parts
 * that the store holds, if the files are still what they were: a digest of what was read is kept with each part to see to
 * that. Every part gets fresh IVs, so encrypting one again in a later run gives nothing away.
 */
import { type Bytes, type CryptoPorts, concatBytes, copyBytes, equalBytes, type FileId } from "@safeconduct/foundation";
import { envelopeProblem } from "./errors.ts";
import { type FileDigest, type HashedSegment, startFileDigest } from "./file-digest.ts";
import { FLOE_HEADER_BYTES, type FloeMessage, SEGMENT_OVERHEAD_BYTES, segmentIv } from "./floe.ts";
import { commitManifest } from "./key-schedule.ts";
import { manifestVersionOf } from "./layout.ts";
import { encodeManifest, type ManifestFile, type PackageFile } from "./manifest.ts";
import { continueObject, type PackageSecrets, startObject } from "./package-object.ts";
import { type PackageObject, type PackagePart, type PackagePlan, segmentPlaintextLength } from "./package-plan.ts";
import { partDigest, pieceEnds } from "./part-digest.ts";
import { type PartDigest, partsRoot, type SealRecord } from "./seal.ts";
import { IV_BYTES } from "./suite.ts";

/** `length` plaintext bytes of a file from `offset`; fewer only where the file ends. The writer does not keep them. */
export type ReadFileRange = (fileId: FileId, offset: number, length: number) => Promise<Bytes>;

/** What the device keeps of a part for a resume. Hashes of plaintext stay on the device: they would confirm a guess. */
export interface PartRecord extends PartDigest {
  /**
   * By which a resume sees that the files are what they were; never sent. The IVs (12 bytes each) of the part's segments: encrypted
   * with these again, they must give the part's digest. In layout 1 a SHA-256 over the digest of each file that ended in this
   * part and, where the last one goes on, the digest of it up to here.
   */
  readonly proof: Bytes;
}

export interface EncryptedPart extends PartRecord {
  readonly bytes: Bytes;
}

/** A part whose own hash is still being made. `bytes` must stay as they are until `record` is there. */
export interface BegunPart {
  readonly bytes: Bytes;
  readonly record: Promise<PartRecord>;
}

interface FilledPart {
  readonly digest: Promise<Bytes>;
  readonly proof: Bytes;
}

interface NewPackage extends PackageSecrets {
  readonly plan: PackagePlan;
}

/** Draws the header of every object. Keep `headers` beside the plan to go on after a restart. */
export async function startPackage(ports: CryptoPorts, { plan, ...secrets }: NewPackage): Promise<PackageWriter> {
  const messages: FloeMessage[] = [];
  for (const object of plan.objects) messages.push(await startObject(ports, secrets, object));
  return new PackageWriter(ports, secrets, plan, messages);
}

/**
 * Goes on with a package from the `headers` that its first writer drew. Then, in order, `confirmHeldPart` for each
 * part that the store holds and `encryptPart` for the others. `envelope/cannot-open` if the headers are not for these
 * secrets and this plan.
 */
export async function resumePackage(
  ports: CryptoPorts,
  { plan, headers, ...secrets }: NewPackage & { readonly headers: Bytes },
): Promise<PackageWriter> {
  if (headers.length !== plan.objects.length * FLOE_HEADER_BYTES) throw envelopeProblem("envelope/cannot-open");
  const messages: FloeMessage[] = [];
  for (const [position, object] of plan.objects.entries()) {
    const header = headers.subarray(position * FLOE_HEADER_BYTES, (position + 1) * FLOE_HEADER_BYTES);
    const message = await continueObject(ports, secrets, object, header);
    if (message === null) throw envelopeProblem("envelope/cannot-open");
    messages.push(message);
  }
  return new PackageWriter(ports, secrets, plan, messages);
}

export class PackageWriter {
  /** 74 bytes for each object, in order; public. */
  readonly headers: Bytes;
  private readonly ports: CryptoPorts;
  private readonly secrets: PackageSecrets;
  private readonly plan: PackagePlan;
  private readonly messages: readonly FloeMessage[];
  /** By number, from 1; each is there once its part's hash is. */
  private readonly records = new Map<number, PartRecord>();
  private visitedParts = 0;
  private readonly fileDigests = new Map<FileId, Bytes>();
  /** In layout 1, the digests of the files that ended in the part that is being visited. */
  private readonly ended: Bytes[] = [];
  private openDigest: FileDigest | null = null;
  private manifest: { readonly plaintext: Bytes; readonly commitment: Bytes } | null = null;
  private busy = false;
  private isRenewed = false;

  /** By `startPackage` and `resumePackage` only. */
  constructor(ports: CryptoPorts, secrets: PackageSecrets, plan: PackagePlan, messages: readonly FloeMessage[]) {
    this.ports = ports;
    this.secrets = secrets;
    this.plan = plan;
    this.messages = messages;
    this.headers = concatBytes(...messages.map(({ header }) => header));
  }

  /**
   * Part `number` (from 1), which must be the next one. One call at a time. `envelope/file-changed` if a file is shorter or
   * longer than planned. After any failure this writer is spent: resume from `headers`.
   * `memory`, at least as long as the part, takes it: a caller that sends part after part can use the same again.
   */
  async encryptPart(number: number, readRange: ReadFileRange, memory?: Bytes): Promise<EncryptedPart> {
    const { bytes, record } = await this.beginPart(number, readRange, memory);
    return { ...(await record), bytes };
  }

  /** As `encryptPart`, but the next part may be begun, in other memory, while this one's hash is made. */
  async beginPart(number: number, readRange: ReadFileRange, memory?: Bytes): Promise<BegunPart> {
    return this.alone(async () => {
      const part = this.partToVisit(number);
      const bytes = partMemory(part.sizeBytes, memory);
      this.isRenewed = true;
      const made = await this.fill(part, bytes, readRange);
      const record = this.recordOf(number, bytes, made);
      // Heard of where it is waited for.
      record.catch(() => undefined);
      return { bytes, record };
    });
  }

  private async recordOf(number: number, bytes: Bytes, { digest, proof }: FilledPart): Promise<PartRecord> {
    const record = { number, sizeBytes: bytes.length, sha256: await digest, proof };
    this.records.set(number, record);
    return record;
  }

  /**
   * Whether part `number` may still be what an earlier writer made: one that holds some of the manifest is not, once any part was
   * encrypted anew, for then the manifest has other digests. In layout 1 they are the same.
   */
  mayBeHeld(number: number): boolean {
    const part = this.plan.parts[number - 1];
    if (part === undefined) throw new RangeError("no such part");
    return this.plan.layout === 1 || !this.isRenewed || part.offset + part.sizeBytes <= this.plan.manifestOffset;
  }

  /**
   * Takes a part over that the store still holds as `record` says, after reading its files again: they must be what
   * they were, else `envelope/file-changed`. Only where it `mayBeHeld`. `memory` as for `encryptPart`. Parts are confirmed and
   * encrypted in one common order.
   */
  async confirmHeldPart(record: PartRecord, readRange: ReadFileRange, memory?: Bytes): Promise<void> {
    return this.alone(async () => {
      const part = this.partToVisit(record.number);
      if (record.sizeBytes !== part.sizeBytes) throw envelopeProblem("envelope/file-changed");
      const isSame =
        this.plan.layout === 1
          ? this.hasSameFiles(part, record, readRange)
          : this.isSamePart(part, record, readRange, memory);
      if (!(await isSame)) throw envelopeProblem("envelope/file-changed");
      const { number, sizeBytes, proof } = record;
      this.records.set(number, { number, sizeBytes, sha256: copyBytes(record.sha256), proof: copyBytes(proof) });
    });
  }

  private async hasSameFiles(part: PackagePart, { proof }: PartRecord, readRange: ReadFileRange): Promise<boolean> {
    await this.visit(part, readRange, async () => noneEncrypted);
    return equalBytes(this.filesSha256(), proof);
  }

  private async isSamePart(
    part: PackagePart,
    { sha256, proof }: PartRecord,
    readRange: ReadFileRange,
    memory: Bytes | undefined,
  ): Promise<boolean> {
    if (proof.length !== part.segmentCount * IV_BYTES) return false;
    const { digest } = await this.fill(part, partMemory(part.sizeBytes, memory), readRange, proof);
    return equalBytes(await digest, sha256);
  }

  /** What to sign, once every part was encrypted, hashed or confirmed. */
  sealRecord(): SealRecord {
    const records = this.plan.parts.flatMap(({ number }) => this.records.get(number) ?? []);
    if (this.manifest === null || records.length !== this.plan.parts.length || this.busy) {
      throw new Error("there are parts left");
    }
    const { organisation, transfer } = this.secrets;
    const { layout, blobLengthBytes, partSizeBytes, manifestOffset, manifestLengthBytes } = this.plan;
    return {
      layout,
      organisation,
      transfer,
      blobLengthBytes,
      partSizeBytes,
      partCount: records.length,
      partsRoot: partsRoot(this.ports.sha256, records),
      manifestOffset,
      manifestLengthBytes,
      manifestCommitment: this.manifest.commitment,
    };
  }

  /** Runs alone; a failure leaves the writer busy for ever, because file hashes may have taken in half a part. */
  private async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.busy) throw new Error("the package writer does one part at a time and none after a failure");
    this.busy = true;
    const result = await work();
    this.busy = false;
    return result;
  }

  private partToVisit(number: number): PackagePart {
    const part = this.plan.parts[number - 1];
    if (part === undefined || number !== this.visitedParts + 1) throw new RangeError("not the next part");
    this.visitedParts++;
    return part;
  }

  /** Header and encrypted segments into `bytes`, with fresh IVs or with these. */
  private async fill(part: PackagePart, bytes: Bytes, readRange: ReadFileRange, ivs?: Bytes): Promise<FilledPart> {
    const pieces = new Map<number, { readonly start: number; readonly sha256: Promise<Bytes> }>();
    const used: Bytes[] = [];
    const hashed = (start: number, end: number): Promise<Bytes> => {
      const known = pieces.get(end);
      if (known?.start === start) return known.sha256;
      const sha256 = this.ports.sha256Aside(bytes.subarray(start, end));
      // Heard of where it is waited for.
      sha256.catch(() => undefined);
      pieces.set(end, { start, sha256 });
      return sha256;
    };
    let at = 0;
    await this.visit(part, readRange, async (object, segment, plaintext) => {
      const message = this.messageOf(object);
      if (segment === 0) {
        bytes.set(message.header, at);
        at += FLOE_HEADER_BYTES;
      }
      const [start, end] = [at, at + plaintext.length + SEGMENT_OVERHEAD_BYTES];
      const place = { position: segment, final: segment === this.objectAt(object).segmentCount - 1 };
      const target = bytes.subarray(start, end);
      const iv = ivs?.slice(used.length * IV_BYTES, (used.length + 1) * IV_BYTES);
      await message.encryptSegmentInto(place, plaintext, target, iv);
      used.push(copyBytes(segmentIv(target)));
      at = end;
      return () => hashed(start, end);
    });
    const ends = pieceEnds(bytes.length);
    const digest = Promise.all(ends.map((end, position) => hashed(ends[position - 1] ?? 0, end))).then((hashes) =>
      partDigest(this.ports.sha256, hashes),
    );
    digest.catch(() => undefined);
    return { digest, proof: this.plan.layout === 1 ? this.filesSha256() : concatBytes(...used) };
  }

  /** Of the files' bytes up to the end of the part that was just visited, in layout 1: {@link PartRecord}. */
  private filesSha256(): Bytes {
    const digests = this.ended.splice(0);
    if (this.openDigest !== null) digests.push(this.openDigest.soFar());
    return this.ports.sha256(...digests);
  }

  /** Reads the part's plaintext in order and hashes its files, each segment while the next is read. `take` answers its hash. */
  private async visit(
    part: PackagePart,
    readRange: ReadFileRange,
    take: (object: number, segment: number, plaintext: Bytes) => Promise<HashedSegment["encryptedSha256"]>,
  ): Promise<void> {
    let { object, segment } = part.first;
    let hashed: Promise<void> = Promise.resolve();
    for (let left = part.segmentCount; left > 0; left--) {
      const { mark } = this.objectAt(object);
      // The manifest holds the digests of the files before it.
      if (mark.kind === "manifest") await hashed;
      const plaintext = await this.plaintextOf(this.objectAt(object), segment, readRange);
      const encryptedSha256 = await take(object, segment, plaintext);
      await hashed;
      hashed = this.hashFile(object, segment, { plaintext, encryptedSha256 });
      // Heard of where it is waited for.
      hashed.catch(() => undefined);
      segment++;
      if (segment === this.objectAt(object).segmentCount) {
        segment = 0;
        object++;
      }
    }
    await hashed;
  }

  private async hashFile(object: number, segment: number, hashed: HashedSegment): Promise<void> {
    const { mark, segmentCount } = this.objectAt(object);
    if (mark.kind !== "file") return;
    const version = manifestVersionOf(this.plan.layout);
    this.openDigest ??= startFileDigest(this.ports, version, this.messageOf(object).header);
    await this.openDigest.add(hashed);
    if (segment < segmentCount - 1) return;
    const digest = this.openDigest.digest();
    this.openDigest = null;
    this.fileDigests.set(mark.fileId, digest);
    if (this.plan.layout === 1) this.ended.push(digest);
  }

  private async plaintextOf(object: PackageObject, segment: number, readRange: ReadFileRange): Promise<Bytes> {
    const offset = segment * object.segmentPlaintextBytes;
    const length = segmentPlaintextLength(object, segment);
    switch (object.mark.kind) {
      case "padding":
        return new Uint8Array(length);
      case "manifest":
        return (await this.manifestPlaintext()).subarray(offset, offset + length);
      case "file": {
        const { fileId } = object.mark;
        const plaintext = length === 0 ? new Uint8Array(0) : await readRange(fileId, offset, length);
        if (plaintext.length !== length) throw envelopeProblem("envelope/file-changed");
        if (segment === object.segmentCount - 1 && (await readRange(fileId, object.plaintextBytes, 1)).length > 0) {
          throw envelopeProblem("envelope/file-changed");
        }
        return plaintext;
      }
    }
  }

  private async manifestPlaintext(): Promise<Bytes> {
    if (this.manifest === null) {
      const { organisation, transfer, packageKey } = this.secrets;
      const files = this.plan.files.map((file, position) => this.manifestFile(file, position));
      const version = manifestVersionOf(this.plan.layout);
      const plaintext = encodeManifest({ version, organisation, transfer, files });
      this.manifest = { plaintext, commitment: await commitManifest(this.ports, packageKey, plaintext) };
    }
    return this.manifest.plaintext;
  }

  private manifestFile(file: PackageFile, position: number): ManifestFile {
    const digest = this.fileDigests.get(file.id);
    if (digest === undefined) throw new Error("a file was not read to its end");
    return { ...file, digest, offset: this.objectAt(position).offset };
  }

  private objectAt(position: number): PackageObject {
    const object = this.plan.objects[position];
    if (object === undefined) throw new RangeError("object outside the plan");
    return object;
  }

  private messageOf(position: number): FloeMessage {
    const message = this.messages[position];
    if (message === undefined) throw new RangeError("object outside the plan");
    return message;
  }
}

/** Layout 1 hashes plaintext alone. */
const noneEncrypted = (): Promise<Bytes> => Promise.reject(new Error("nothing was encrypted"));

function partMemory(sizeBytes: number, given: Bytes | undefined): Bytes {
  if (given === undefined) return new Uint8Array(sizeBytes);
  if (given.length < sizeBytes) throw new RangeError("the part does not fit into that memory");
  return given.subarray(0, sizeBytes);
}
