import { loadWebCrypto } from "@safeconduct/crypto-web";
import { nodeCrypto } from "@safeconduct/crypto-node";
import {
  type Bytes,
  concatBytes,
  copyBytes,
  drawId,
  type FileId,
  type OrganisationId,
  Problem,
  type TransferId,
} from "@safeconduct/foundation";
import { type PackageContent, packageContent, rangesOf } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { envelopeProblem } from "./errors.ts";
import { SEGMENT_PLAINTEXT_BYTES } from "./floe.ts";
import { drawSecret } from "./key-schedule.ts";
import { signingKeyHash } from "./link.ts";
import { planPackage, type PackagePlan } from "./package-plan.ts";
import { type OpenedPackage, openPackage } from "./package-reader.ts";
import {
  type PackageWriter,
  type PartRecord,
  type ReadFileRange,
  resumePackage,
  startPackage,
} from "./package-writer.ts";
import { encodeSealRecord, type SealRecord, signSeal, verifySeal, type VerifiedSeal } from "./seal.ts";

const node = nodeCrypto();
const web = await loadWebCrypto();
const organisation = drawId("organisation", node.random);
const transfer = drawId("transfer", node.random);
const packageKey = drawSecret(node.random);
const signer = await node.signatures.generateKeyPair();
const keyHash = signingKeyHash(node.sha256, signer.publicKey);

type Content = PackageContent;
const content = (path: string, sizeBytes: number): Content => packageContent(node.random, path, sizeBytes);

function planOf(files: readonly Content[]): PackagePlan {
  return planPackage(files.map(({ id, path, mediaType, sizeBytes }) => ({ id, path, mediaType, sizeBytes })));
}

interface Written {
  readonly blob: Bytes;
  readonly seal: VerifiedSeal;
  readonly records: readonly PartRecord[];
  readonly writer: PackageWriter;
}

interface Scope {
  readonly organisation: OrganisationId;
  readonly transfer: TransferId;
}

async function write(
  files: readonly Content[],
  ports = node,
  key = packageKey,
  scope: Scope = { organisation, transfer },
): Promise<Written> {
  const plan = planOf(files);
  const writer = await startPackage(ports, { ...scope, packageKey: key, plan });
  const pieces: Bytes[] = [];
  const records: PartRecord[] = [];
  for (const { number } of plan.parts) {
    const { bytes, ...record } = await writer.encryptPart(number, rangesOf(files));
    pieces.push(bytes);
    records.push(record);
  }
  return { blob: concatBytes(...pieces), seal: await sealed(writer.sealRecord()), records, writer };
}

async function sealed(record: SealRecord): Promise<VerifiedSeal> {
  const signature = await signSeal(node, { record, privateKey: signer.privateKey });
  const expected = { organisation: record.organisation, transfer: record.transfer, signingKeyHash: keyHash };
  const seal = await verifySeal(node, {
    record: encodeSealRecord(record),
    signature,
    signingPublicKey: signer.publicKey,
    expected,
  });
  if (seal === null) throw new Error("own seal does not verify");
  return seal;
}

function open(blob: Bytes, seal: VerifiedSeal, ports = node, key = packageKey): Promise<OpenedPackage> {
  return openPackage(ports, {
    packageKey: key,
    seal,
    readRange: async (offset, length) => blob.slice(offset, offset + length),
  });
}

async function readAll(opened: OpenedPackage, id: FileId): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of opened.readFile(id)) pieces.push(piece);
  return concatBytes(...pieces);
}

async function readPackage(blob: Bytes, seal: VerifiedSeal, key = packageKey): Promise<Bytes[]> {
  const opened = await open(blob, seal, node, key);
  return Promise.all(opened.manifest.files.map(({ id }) => readAll(opened, id)));
}

const cannotOpen = expect.objectContaining({
  code: "envelope/cannot-open",
  message: envelopeProblem("envelope/cannot-open").message,
});

function flipped(bytes: Bytes, at: number, bit = 0): Bytes {
  const changed = copyBytes(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
}

describe("a package", () => {
  const sizes = [0, 1, SEGMENT_PLAINTEXT_BYTES - 1, SEGMENT_PLAINTEXT_BYTES, SEGMENT_PLAINTEXT_BYTES + 1, 9_000_000];
  const files = sizes.map((size) => content(`images/${size}.dcm`, size));

  it("has exactly the length that was planned", async () => {
    const { blob, records } = await write(files);
    const plan = planOf(files);
    expect(blob.length).toBe(plan.blobLengthBytes);
    expect(records.map(({ sizeBytes }) => sizeBytes)).toEqual(plan.parts.map(({ sizeBytes }) => sizeBytes));
    expect(records.length).toBeGreaterThan(1);
  });

  it.each([
    { writer: "Node", writes: node, reader: "the browser", reads: web },
    { writer: "the browser", writes: web, reader: "Node", reads: node },
  ])("written by $writer is read by $reader", async ({ writes, reads }) => {
    const { blob, seal } = await write(files, writes);
    const opened = await open(blob, seal, reads);
    expect(opened.manifest.files.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
    for (const { id, bytes } of files) expect(Buffer.compare(await readAll(opened, id), bytes)).toBe(0);
  });

  it("gives any segment of a file without those before it", async () => {
    const { blob, seal } = await write(files);
    const opened = await open(blob, seal);
    for (const { id, bytes } of files) {
      for (let segment = opened.segmentCount(id) - 1; segment >= 0; segment--) {
        const at = segment * SEGMENT_PLAINTEXT_BYTES;
        const piece = await opened.readSegment(id, segment);
        expect(Buffer.compare(piece, bytes.subarray(at, at + SEGMENT_PLAINTEXT_BYTES))).toBe(0);
      }
      await expect(opened.readSegment(id, opened.segmentCount(id))).rejects.toThrow(RangeError);
      await expect(opened.readSegment(id, -1)).rejects.toThrow(RangeError);
    }
  });

  it("gives a small file out of the middle for one range, which is that file's object and nothing else", async () => {
    const many = [9_000_000, 1, 40_000, 9_000_000].map((size, at) => content(`${at}.dcm`, size));
    const { blob, seal } = await write(many);
    const asked: [number, number][] = [];
    const opened = await openPackage(node, {
      packageKey,
      seal,
      readRange: async (offset, length) => {
        asked.push([offset, length]);
        return blob.slice(offset, offset + length);
      },
    });
    const { objects, manifestOffset, manifestLengthBytes } = planOf(many);
    expect(asked.splice(0)).toEqual([[manifestOffset, manifestLengthBytes]]);
    for (const at of [2, 1]) {
      const bytes = await readAll(opened, many[at]?.id ?? drawId("file", node.random));
      expect(Buffer.compare(bytes, many[at]?.bytes ?? bytes)).toBe(0);
      expect(asked.splice(0)).toEqual([[objects[at]?.offset, objects[at]?.lengthBytes]]);
    }
    await opened.readSegment(many[3]?.id ?? drawId("file", node.random), 5);
    const start = (objects[3]?.offset ?? 0) + 74;
    expect(asked, "header and one segment").toEqual([
      [start - 74, 74],
      [start + 5 * (1 << 19), 1 << 19],
    ]);
  });

  it("does not know a file that is not in it", async () => {
    const { blob, seal } = await write(files);
    const opened = await open(blob, seal);
    expect(() => opened.segmentCount(drawId("file", node.random))).toThrow(RangeError);
  });

  it("encrypts a part again after a restart with other segments and the same content, under another seal", async () => {
    const { blob, writer } = await write(files);
    const plan = planOf(files);
    const resumed = await resumePackage(node, { organisation, transfer, packageKey, plan, headers: writer.headers });
    const parts: Bytes[] = [];
    for (const { number } of plan.parts) parts.push((await resumed.encryptPart(number, rangesOf(files))).bytes);
    const again = concatBytes(...parts);
    expect(Buffer.compare(again.subarray(0, 1000), blob.subarray(0, 1000))).not.toBe(0);
    const contents = await readPackage(again, await sealed(resumed.sealRecord()));
    for (const [position, bytes] of contents.entries())
      expect(Buffer.compare(bytes, files[position]?.bytes ?? bytes)).toBe(0);
    // What was encrypted twice is not mixed: the seal is of one of the two.
    const mixed = concatBytes(parts[0] ?? blob, blob.subarray(parts[0]?.length));
    await expect(readPackage(mixed, await sealed(writer.sealRecord()))).rejects.toMatchObject({
      code: "envelope/cannot-open",
    });
  });

  it("is read into memory that is used in turn", async () => {
    const { blob, seal } = await write(files);
    const opened = await open(blob, seal);
    const turns = [0, 1].map(() => new Uint8Array(1 << 20));
    for (const { id, bytes } of files) {
      const pieces: Bytes[] = [];
      for await (const piece of opened.readFile(id, turns)) {
        expect(piece.buffer).toBe(turns[pieces.length % 2]?.buffer);
        pieces.push(copyBytes(piece));
      }
      expect(Buffer.compare(concatBytes(...pieces), bytes)).toBe(0);
    }
  });

  it("is read and written through memory that is used again, if it is large enough for the part", async () => {
    const plan = planOf(files);
    const [range, read] = [new Uint8Array(SEGMENT_PLAINTEXT_BYTES), rangesOf(files)];
    const readAgain: ReadFileRange = async (...asked) => {
      const bytes = await read(...asked);
      range.set(bytes);
      return range.subarray(0, bytes.length);
    };
    const memory = new Uint8Array(Math.max(...plan.parts.map((part) => part.sizeBytes)));
    const writer = await startPackage(node, { organisation, transfer, packageKey, plan });
    const pieces: Bytes[] = [];
    for (const { number } of plan.parts) {
      const { bytes } = await writer.encryptPart(number, readAgain, memory);
      expect(bytes.buffer).toBe(memory.buffer);
      pieces.push(copyBytes(bytes));
    }
    const contents = await readPackage(concatBytes(...pieces), await sealed(writer.sealRecord()));
    for (const [position, bytes] of contents.entries())
      expect(Buffer.compare(bytes, files[position]?.bytes ?? bytes)).toBe(0);
    const other = await startPackage(node, { organisation, transfer, packageKey, plan });
    await expect(other.encryptPart(1, rangesOf(files), new Uint8Array(1000))).rejects.toThrow(RangeError);
  });

  it("goes on after a restart from its headers and the parts that are held", async () => {
    const first = await write(files);
    const plan = planOf(files);
    const [held] = first.records;
    if (held === undefined) throw new Error("no part was written");
    const writer = await resumePackage(node, {
      organisation,
      transfer,
      packageKey,
      plan,
      headers: first.writer.headers,
    });
    await writer.confirmHeldPart(held, rangesOf(files));
    const pieces = [first.blob.subarray(0, held.sizeBytes)];
    for (const { number } of plan.parts.slice(1))
      pieces.push((await writer.encryptPart(number, rangesOf(files))).bytes);
    const contents = await readPackage(concatBytes(...pieces), await sealed(writer.sealRecord()));
    for (const [position, bytes] of contents.entries())
      expect(Buffer.compare(bytes, files[position]?.bytes ?? bytes)).toBe(0);
  });
});

describe("a file that changes while it is sent", () => {
  const file = content("a.bin", 9_000_000);
  const changed = { code: "envelope/file-changed" };

  async function writerOf(): Promise<PackageWriter> {
    return startPackage(node, { organisation, transfer, packageKey, plan: planOf([file]) });
  }

  it("is refused when it shrank", async () => {
    const shrunk = rangesOf([{ ...file, bytes: file.bytes.subarray(0, 1000) }]);
    await expect((await writerOf()).encryptPart(1, shrunk)).rejects.toMatchObject(changed);
  });

  it("is refused when it shrank by its last byte", async () => {
    const writer = await writerOf();
    await writer.encryptPart(1, rangesOf([file]));
    const shrunk = rangesOf([{ ...file, bytes: file.bytes.subarray(0, -1) }]);
    await expect(writer.encryptPart(2, shrunk)).rejects.toMatchObject(changed);
  });

  it("is refused when it grew by one byte", async () => {
    const writer = await writerOf();
    const grown = rangesOf([{ ...file, bytes: concatBytes(file.bytes, Uint8Array.of(0)) }]);
    await writer.encryptPart(1, grown);
    await expect(writer.encryptPart(2, grown)).rejects.toMatchObject(changed);
  });

  it("is refused when an empty file grew", async () => {
    const empty = content("empty", 0);
    const writer = await startPackage(node, { organisation, transfer, packageKey, plan: planOf([empty]) });
    const grown = rangesOf([{ ...empty, bytes: Uint8Array.of(1) }]);
    await expect(writer.encryptPart(1, grown)).rejects.toMatchObject(changed);
  });

  it("is refused when it changed before a resume", async () => {
    const first = await writerOf();
    const { bytes: _, ...held } = await first.encryptPart(1, rangesOf([file]));
    const plan = planOf([file]);
    const resumed = await resumePackage(node, { organisation, transfer, packageKey, plan, headers: first.headers });
    const other = rangesOf([{ ...file, bytes: flipped(file.bytes, 5) }]);
    await expect(resumed.confirmHeldPart(held, other)).rejects.toMatchObject(changed);
  });

  it("is refused when any one of many small files in a part changed before a resume, or two changed places", async () => {
    const small = [3, 0, 3, 5].map((size, at) => {
      const file = content(`${at}.bin`, size);
      return { ...file, bytes: file.bytes.map((byte) => byte ^ at) };
    });
    const plan = planOf(small);
    const first = await startPackage(node, { organisation, transfer, packageKey, plan });
    const { bytes: _, ...held } = await first.encryptPart(1, rangesOf(small));
    const resume = (ranges: ReadFileRange) =>
      resumePackage(node, { organisation, transfer, packageKey, plan, headers: first.headers }).then((writer) =>
        writer.confirmHeldPart(held, ranges),
      );
    for (const at of [0, 2, 3]) {
      const others = small.map((each, position) =>
        position === at ? { ...each, bytes: flipped(each.bytes, 1) } : each,
      );
      await expect(resume(rangesOf(others)), `file ${at}`).rejects.toMatchObject(changed);
    }
    const swapped = small.map((each, at) => ({ ...each, bytes: small[[2, 1, 0, 3][at] ?? 0]?.bytes ?? each.bytes }));
    await expect(resume(rangesOf(swapped))).rejects.toMatchObject(changed);
    await expect(resume(rangesOf(small))).resolves.toBeUndefined();
  });

  it("has one other byte in a part that is encrypted anew, and is sent as it is now", async () => {
    const long = content("long.bin", 20_000_000);
    const plan = planOf([long]);
    const start = { organisation, transfer, packageKey, plan };
    const first = await startPackage(node, start);
    const held = [];
    for (const number of [1, 2]) held.push(await first.encryptPart(number, rangesOf([long])));
    const now = { ...long, bytes: flipped(long.bytes, 5) };
    const resumed = await resumePackage(node, { ...start, headers: first.headers });
    const [, second] = held;
    if (second === undefined) throw new Error("no second part");
    const parts = [(await resumed.encryptPart(1, rangesOf([now]))).bytes, second.bytes];
    await resumed.confirmHeldPart(second, rangesOf([now]));
    for (const { number } of plan.parts.slice(2))
      parts.push((await resumed.encryptPart(number, rangesOf([now]))).bytes);
    const [contents] = await readPackage(concatBytes(...parts), await sealed(resumed.sealRecord()));
    expect(Buffer.compare(contents ?? new Uint8Array(0), now.bytes)).toBe(0);
  });
});

describe("a package writer", () => {
  const file = content("a.bin", 20_000_000);
  const plan = planOf([file]);
  const start = { organisation, transfer, packageKey, plan };

  it("takes parts in order, one at a time, and none twice the first time", async () => {
    const writer = await startPackage(node, start);
    await expect(writer.encryptPart(2, rangesOf([file]))).rejects.toThrow(RangeError);
    const other = await startPackage(node, start);
    const one = other.encryptPart(1, rangesOf([file]));
    await expect(other.encryptPart(1, rangesOf([file]))).rejects.toThrow("one part at a time");
    await one;
    await expect(other.encryptPart(1, rangesOf([file]))).rejects.toThrow(RangeError);
    const third = await startPackage(node, start);
    await expect(third.encryptPart(plan.parts.length + 1, rangesOf([file]))).rejects.toThrow(RangeError);
  });

  it("gives no seal before the last part", async () => {
    const writer = await startPackage(node, start);
    await writer.encryptPart(1, rangesOf([file]));
    expect(() => writer.sealRecord()).toThrow("parts left");
  });

  it("is spent after a read that failed", async () => {
    const writer = await startPackage(node, start);
    await expect(writer.encryptPart(1, async () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
    await expect(writer.encryptPart(1, rangesOf([file]))).rejects.toThrow("none after a failure");
  });

  it("does not resume from headers that are not its own", async () => {
    const { headers } = await startPackage(node, start);
    const cases = [
      { packageKey: drawSecret(node.random), headers },
      { packageKey, headers: flipped(headers, 80) },
      { packageKey, headers: headers.slice(0, -1) },
      { packageKey, headers: concatBytes(headers, Uint8Array.of(0)) },
    ];
    for (const wrong of cases) await expect(resumePackage(node, { ...start, ...wrong })).rejects.toEqual(cannotOpen);
  });
});

describe("a hostile blob store or another recipient", () => {
  const [a, b] = [content("a.bin", 3_000_000), content("b.bin", 3_000_000)];
  const plan = planOf([a, b]);
  const objects = plan.objects;

  it("cannot flip a bit in any field of header or segment of any object", async () => {
    const { blob, seal } = await write([a, b]);
    for (const { mark, offset, lengthBytes } of objects) {
      if (mark.kind === "padding") continue;
      // Parameters, FLOE IV, header tag; then length, IV, ciphertext and tag of the first and last segments.
      const last = offset + lengthBytes - ((lengthBytes - 74) % (1 << 19));
      const fields = [0, 1, 2, 6, 10, 41, 42, 73, 74, 77, 78, 89, 90, 5000].map((at) => offset + at);
      for (const at of [...fields, last, last + 4, last + 16, offset + lengthBytes - 1]) {
        const bit = at % 8;
        await expect(readPackage(flipped(blob, at, bit), seal), `${mark.kind} byte ${at - offset}`).rejects.toEqual(
          cannotOpen,
        );
      }
    }
  });

  it("cannot swap two files of one size, two segments of a file, or a file with one of another transfer", async () => {
    const { blob, seal } = await write([a, b]);
    const [first, second] = objects;
    if (first === undefined || second === undefined) throw new Error("plan has no files");
    const piece = (from: number, length: number): Bytes => blob.subarray(from, from + length);
    const swapped = concatBytes(
      piece(second.offset, second.lengthBytes),
      piece(first.offset, first.lengthBytes),
      blob.subarray(second.offset + second.lengthBytes),
    );
    await expect(readPackage(swapped, seal)).rejects.toEqual(cannotOpen);

    const segment = 1 << 19;
    const reordered = copyBytes(blob);
    reordered.set(piece(74, segment), 74 + segment);
    reordered.set(piece(74 + segment, segment), 74);
    await expect(readPackage(reordered, seal)).rejects.toEqual(cannotOpen);

    const elsewhere = await write([a, b], node, packageKey, {
      organisation,
      transfer: drawId("transfer", node.random),
    });
    const foreign = concatBytes(elsewhere.blob.subarray(0, first.lengthBytes), blob.subarray(first.lengthBytes));
    await expect(readPackage(foreign, seal)).rejects.toEqual(cannotOpen);
    await expect(readPackage(elsewhere.blob, seal)).rejects.toEqual(cannotOpen);
  });

  it("cannot cut the blob short, empty it, or answer a range with more", async () => {
    const { blob, seal } = await write([a, b]);
    for (const length of [0, 100, blob.length - 1]) {
      await expect(readPackage(blob.slice(0, length), seal), `${length} bytes`).rejects.toEqual(cannotOpen);
    }
    const generous = openPackage(node, {
      packageKey,
      seal,
      readRange: async (offset, length) => concatBytes(blob.slice(offset, offset + length), Uint8Array.of(0)),
    });
    await expect(generous).rejects.toEqual(cannotOpen);
  });

  it("cannot open with another package key", async () => {
    const { blob, seal } = await write([a, b]);
    await expect(readPackage(blob, seal, drawSecret(node.random))).rejects.toEqual(cannotOpen);
  });

  it("cannot replace a file, knowing the package key: the signed seal commits to its hash", async () => {
    const { blob, seal } = await write([a, b]);
    const forged = { ...a, bytes: flipped(a.bytes, 5) };
    const forgery = await write([forged, b]);
    const [first] = objects;
    const end = first?.lengthBytes ?? 0;
    const replacedFile = concatBytes(forgery.blob.subarray(0, end), blob.subarray(end));
    const opened = await open(replacedFile, seal);
    const pieces: Bytes[] = [];
    const reading = async (): Promise<void> => {
      for await (const piece of opened.readFile(a.id)) pieces.push(piece);
    };
    await expect(reading()).rejects.toEqual(cannotOpen);
    expect(pieces.length, "the last piece was held back").toBeLessThan(opened.segmentCount(a.id));
    await expect(readPackage(forgery.blob, seal), "the whole package").rejects.toEqual(cannotOpen);
  });

  it("gets every reader's own storage errors passed on, not blamed on the package", async () => {
    const { seal } = await write([a, b]);
    const offline = new Error("offline");
    await expect(openPackage(node, { packageKey, seal, readRange: async () => Promise.reject(offline) })).rejects.toBe(
      offline,
    );
  });

  it("learns nothing from a failure but that it failed", () => {
    const problem = envelopeProblem("envelope/cannot-open");
    expect(problem).toBeInstanceOf(Problem);
    expect(problem.details).toEqual({});
  });
});
