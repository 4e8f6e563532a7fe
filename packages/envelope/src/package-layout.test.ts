/** Both layouts of a package beside each other: the one that is written, the one that is read for ever, and neither in the other's place. */
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { type Bytes, concatBytes, copyBytes, drawId } from "@safeconduct/foundation";
import { type PackageContent, packageContent, rangesOf } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { startFileDigest } from "./file-digest.ts";
import { startEncryption } from "./floe.ts";
import { commitManifest, drawSecret } from "./key-schedule.ts";
import type { ManifestVersion, PackageLayout } from "./layout.ts";
import { signingKeyHash } from "./link.ts";
import { encodeManifest, type PackageFile } from "./manifest.ts";
import { startObject } from "./package-object.ts";
import { planAgain, planPackage } from "./package-plan.ts";
import { openPackage } from "./package-reader.ts";
import { type PackageWriter, resumePackage, startPackage } from "./package-writer.ts";
import { encodeSealRecord, type SealRecord, signSeal, verifySeal, type VerifiedSeal } from "./seal.ts";

const node = nodeCrypto();
const web = await loadWebCrypto();
const ids = { organisation: drawId("organisation", node.random), transfer: drawId("transfer", node.random) };
const packageKey = drawSecret(node.random);
const signer = await node.signatures.generateKeyPair();
const expected = { ...ids, signingKeyHash: signingKeyHash(node.sha256, signer.publicKey) };
const cannotOpen = expect.objectContaining({ code: "envelope/cannot-open" });

/** From docs/formats/envelope.md, not from the code. */
const SEGMENT: Record<PackageLayout, number> = { 1: 2 ** 20, 2: 2 ** 19 };
const HEADER = 74;
const LAYOUTS = [1, 2] as const;
const other = (layout: PackageLayout): PackageLayout => (layout === 1 ? 2 : 1);

type Content = PackageContent;
const contentOf = (path: string, sizeBytes: number): Content => packageContent(node.random, path, sizeBytes);

const namesOf = (files: readonly Content[]): PackageFile[] =>
  files.map(({ id, path, mediaType, sizeBytes }) => ({ id, path, mediaType, sizeBytes }));

interface Written {
  readonly blob: Bytes;
  readonly record: SealRecord;
  readonly writer: PackageWriter;
}

async function write(files: readonly Content[], layout: PackageLayout, ports = node): Promise<Written> {
  const plan = planPackage(namesOf(files), layout);
  const writer = await startPackage(ports, { ...ids, packageKey, plan });
  const pieces: Bytes[] = [];
  for (const { number } of plan.parts) pieces.push((await writer.encryptPart(number, rangesOf(files))).bytes);
  return { blob: concatBytes(...pieces), record: writer.sealRecord(), writer };
}

/** What the sender signs, a hostile one too. Null where nobody takes it for a seal. */
async function signed(record: SealRecord): Promise<VerifiedSeal | null> {
  const signature = await signSeal(node, { record, privateKey: signer.privateKey });
  const encoded = encodeSealRecord(record);
  return verifySeal(node, { record: encoded, signature, signingPublicKey: signer.publicKey, expected });
}

async function open(blob: Bytes, record: SealRecord, ports = node) {
  const seal = await signed(record);
  if (seal === null) throw new Error("own seal does not verify");
  const asked: number[] = [];
  const readRange = async (offset: number, length: number): Promise<Bytes> => {
    asked.push(length);
    return blob.slice(offset, offset + length);
  };
  return { asked, opened: await openPackage(ports, { packageKey, seal, readRange }) };
}

async function readAll(blob: Bytes, record: SealRecord, ports = node): Promise<Bytes[]> {
  const { opened } = await open(blob, record, ports);
  const contents: Bytes[] = [];
  for (const { id } of opened.manifest.files) {
    const pieces: Bytes[] = [];
    for await (const piece of opened.readFile(id)) pieces.push(piece);
    contents.push(concatBytes(...pieces));
  }
  return contents;
}

/** The package with the same files in a manifest of another version, with digests of that version, and its commitment. */
async function withManifest({ blob, record }: Written, files: readonly Content[], version: ManifestVersion) {
  const plan = planPackage(namesOf(files), record.layout);
  const listed = [];
  for (const [position, { bytes, ...file }] of files.entries()) {
    const object = plan.objects[position];
    if (object === undefined) throw new Error("the plan has no such file");
    const header = blob.subarray(object.offset, object.offset + HEADER);
    const digest = startFileDigest(node, version, header);
    const step = SEGMENT[record.layout];
    for (let at = 0; at * (step - 32) < bytes.length; at++) {
      const plaintext = bytes.subarray(at * (step - 32), (at + 1) * (step - 32));
      const start = object.offset + HEADER + at * step;
      const encrypted = blob.subarray(start, start + plaintext.length + 32);
      await digest.add({ plaintext, encryptedSha256: () => node.sha256Aside(encrypted) });
    }
    listed.push({ ...file, digest: digest.digest(), offset: object.offset });
  }
  const plaintext = encodeManifest({ version, ...ids, files: listed });
  const object = plan.objects.at(-1);
  if (object === undefined) throw new Error("the plan has no manifest");
  const message = await startObject(node, { ...ids, packageKey }, object);
  const segment = await message.encryptSegment({ position: 0, final: true }, plaintext);
  return {
    blob: concatBytes(blob.subarray(0, plan.manifestOffset), message.header, segment),
    record: { ...record, manifestCommitment: await commitManifest(node, packageKey, plaintext) },
  };
}

describe.each(LAYOUTS)("a package of layout %i", (layout) => {
  const segment = SEGMENT[layout];
  const borders = LAYOUTS.flatMap((each) => [-33, -32, -31, 0].map((more) => SEGMENT[each] + more));
  const files = [0, 1, ...borders, 9_000_000].map((size) => contentOf(`${size}.dcm`, size));

  it.each([
    { writer: "Node", writes: node, reader: "the browser", reads: web },
    { writer: "the browser", writes: web, reader: "Node", reads: node },
  ])("written by $writer is read by $reader, with files that end at the segments of both", async (platforms) => {
    const { blob, record } = await write(files, layout, platforms.writes);
    expect(record.layout).toBe(layout);
    expect(encodeSealRecord(record)[0]).toBe(layout);
    const contents = await readAll(blob, record, platforms.reads);
    for (const [position, { bytes, path }] of files.entries())
      expect(Buffer.compare(contents[position] ?? new Uint8Array(0), bytes), path).toBe(0);
  });

  it("says its segments in every header and has a manifest of its own version", async () => {
    const { blob, record, writer } = await write(files, layout);
    for (const { offset } of planPackage(namesOf(files), layout).objects)
      expect(Buffer.from(blob.buffer).readUInt32BE(offset + 2)).toBe(segment);
    expect(planAgain({ files: namesOf(files), headers: writer.headers }).layout).toBe(layout);
    const { opened } = await open(blob, record);
    expect(opened.manifest.version).toBe(layout === 1 ? 2 : 3);
    expect(files.map(({ id }) => opened.segmentCount(id))).toEqual(
      files.map(({ sizeBytes }) => Math.max(1, Math.ceil(sizeBytes / (segment - 32)))),
    );
  });

  it("is fetched in ranges of 4 MiB and gives any segment alone", async () => {
    const large = contentOf("large.dcm", 9_000_000);
    const { blob, record } = await write([large], layout);
    const { opened, asked } = await open(blob, record);
    asked.splice(0);
    for await (const _ of opened.readFile(large.id));
    const [, , last] = asked;
    expect(asked).toEqual([HEADER + 2 ** 22, 2 ** 22, last]);
    const at = 3 * (segment - 32);
    const piece = await opened.readSegment(large.id, 3);
    expect(Buffer.compare(piece, large.bytes.subarray(at, at + segment - 32))).toBe(0);
  });

  it("is gone on with after a restart, also by a client that writes another layout", async () => {
    const { writer } = await write(files, layout);
    const plan = planAgain({ files: namesOf(files), headers: writer.headers });
    const resumed = await resumePackage(node, { ...ids, packageKey, plan, headers: writer.headers });
    const pieces: Bytes[] = [];
    const [first, ...others] = plan.parts;
    const earlier = await resumePackage(node, { ...ids, packageKey, plan, headers: writer.headers });
    const held = await earlier.encryptPart(first?.number ?? 0, rangesOf(files));
    await resumed.confirmHeldPart(held, rangesOf(files));
    pieces.push(held.bytes);
    for (const { number } of others) pieces.push((await resumed.encryptPart(number, rangesOf(files))).bytes);
    const contents = await readAll(concatBytes(...pieces), resumed.sealRecord());
    for (const [position, { bytes }] of files.entries())
      expect(Buffer.compare(contents[position] ?? new Uint8Array(0), bytes)).toBe(0);
  });

  it("is gone on with where the store holds parts on both sides of one that it lost", async () => {
    const large = [contentOf("large.dcm", 20_000_000), contentOf("small.dcm", 5)];
    const plan = planPackage(namesOf(large), layout);
    const first = await startPackage(node, { ...ids, packageKey, plan });
    const held = [];
    for (const { number } of plan.parts) held.push(await first.encryptPart(number, rangesOf(large)));
    const resumed = await resumePackage(node, { ...ids, packageKey, plan, headers: first.headers });
    const pieces: Bytes[] = [];
    const encrypted: number[] = [];
    for (const part of held) {
      if (part.number !== 2 && resumed.mayBeHeld(part.number)) {
        await resumed.confirmHeldPart(part, rangesOf(large));
        pieces.push(part.bytes);
        continue;
      }
      encrypted.push(part.number);
      pieces.push((await resumed.encryptPart(part.number, rangesOf(large))).bytes);
    }
    // Since layout 2 the manifest, in the last part, tells of the segments that were encrypted anew.
    expect(held.length).toBe(3);
    expect(encrypted).toEqual(layout === 1 ? [2] : [2, 3]);
    const contents = await readAll(concatBytes(...pieces), resumed.sealRecord());
    for (const [position, { bytes }] of large.entries())
      expect(Buffer.compare(contents[position] ?? new Uint8Array(0), bytes)).toBe(0);
    const all = await resumePackage(node, { ...ids, packageKey, plan, headers: first.headers });
    for (const part of held) {
      expect(all.mayBeHeld(part.number)).toBe(true);
      await all.confirmHeldPart(part, rangesOf(large));
    }
    expect(all.sealRecord()).toEqual(first.sealRecord());
  });

  it("is not gone on with from headers of the other layout, of both, or of none", async () => {
    const small = [contentOf("a.dcm", 10), contentOf("b.dcm", 20)];
    const [own, foreign] = [await write(small, layout), await write(small, other(layout))];
    const plan = planPackage(namesOf(small), layout);
    const mixed = concatBytes(own.writer.headers.subarray(0, HEADER), foreign.writer.headers.subarray(HEADER));
    for (const headers of [foreign.writer.headers, mixed, new Uint8Array(0), new Uint8Array(9)])
      await expect(resumePackage(node, { ...ids, packageKey, plan, headers })).rejects.toEqual(cannotOpen);
    // What stands in notes that were damaged is planned, and refused in its turn.
    for (const headers of [new Uint8Array(0), new Uint8Array(9), new Uint8Array(HEADER).fill(0xff)])
      expect(planAgain({ files: namesOf(small), headers }).layout).toBe(2);
  });
});

describe("the layout in a seal", () => {
  const small = [contentOf("a.dcm", 1000)];

  it.each(LAYOUTS)("of layout %i is under the signature", async (layout) => {
    const { record } = await write(small, layout);
    const signature = await signSeal(node, { record, privateKey: signer.privateKey });
    const given = { signature, signingPublicKey: signer.publicKey, expected };
    expect(await verifySeal(node, { ...given, record: encodeSealRecord(record) })).toEqual(record);
    const swapped = encodeSealRecord({ ...record, layout: other(layout) });
    expect(await verifySeal(node, { ...given, record: swapped })).toBeNull();
  });

  it.each([0, 3, 255])("of version %i is no seal, whoever signs it", async (version) => {
    const { record } = await write(small, 2);
    expect(await signed({ ...record, layout: version as PackageLayout })).toBeNull();
  });

  it.each(LAYOUTS)("does not open a package of layout %i where the sender signed the other one", async (layout) => {
    // Of small files both layouts have the same lengths, so that the seal itself is a sound one.
    const { blob, record } = await write(small, layout);
    await expect(readAll(blob, { ...record, layout: other(layout) })).rejects.toEqual(cannotOpen);
    const [large, huge] = [contentOf("b.dcm", 3_000_000), contentOf("c.dcm", 9_000_000)];
    const longer = await write([large, huge], layout);
    await expect(readAll(longer.blob, { ...longer.record, layout: other(layout) })).rejects.toEqual(cannotOpen);
  });

  it("tells a manifest's length apart that only the other layout can have", async () => {
    const { record } = await write(small, 1);
    // A manifest of 512 KiB: one segment of layout 1, two of layout 2.
    const oneSegment = HEADER + 32 + 2 ** 19;
    const sealOf = (layout: PackageLayout, manifestLengthBytes: number) =>
      signed({
        ...record,
        layout,
        blobLengthBytes: 2 ** 20,
        manifestOffset: 2 ** 20 - manifestLengthBytes,
        manifestLengthBytes,
      });
    expect(await sealOf(1, oneSegment)).not.toBeNull();
    expect(await sealOf(2, oneSegment)).toBeNull();
    expect(await sealOf(1, oneSegment + 32)).toBeNull();
    expect(await sealOf(2, oneSegment + 32)).not.toBeNull();
  });
});

describe("a manifest and a layout", () => {
  const [large, small] = [contentOf("a.dcm", 3_000_000), contentOf("b.dcm", 10)];

  it.each([
    [1, 1],
    [1, 2],
    [2, 3],
  ] as const)("layout %i opens with manifest version %i", async (layout, version) => {
    const { blob, record } = await withManifest(await write([large, small], layout), [large, small], version);
    const contents = await readAll(blob, record);
    for (const [position, { bytes }] of [large, small].entries())
      expect(Buffer.compare(contents[position] ?? new Uint8Array(0), bytes)).toBe(0);
  });

  it.each([
    [1, 3],
    [2, 1],
    [2, 2],
  ] as const)("layout %i does not open with manifest version %i, all else being right", async (layout, version) => {
    // Of the small file alone the digests are right however it is read, so that nothing but the pair is wrong.
    const { blob, record } = await withManifest(await write([small], layout), [small], version);
    await expect(readAll(blob, record)).rejects.toEqual(cannotOpen);
  });
});

describe.each(LAYOUTS)("another recipient, who knows P, and the store, for layout %i", (layout) => {
  const segment = SEGMENT[layout];
  const [a, b] = [contentOf("a.dcm", 1000), contentOf("b.dcm", 3_000_000)];

  it("cannot put an object of the other layout in, although it has the same bytes and length", async () => {
    const [{ blob, record }, foreign] = [await write([a, b], layout), await write([a, b], other(layout))];
    const end = planPackage(namesOf([a, b]), layout).objects[1]?.offset ?? 0;
    const changed = concatBytes(foreign.blob.subarray(0, end), blob.subarray(end));
    await expect(readAll(changed, record)).rejects.toEqual(cannotOpen);
    await expect(readAll(blob, record)).resolves.toHaveLength(2);
  });

  it("cannot claim other segments in a header, right for P and the object in all else", async () => {
    const { blob, record } = await write([a, b], layout);
    const [object] = planPackage(namesOf([a, b]), layout).objects;
    if (object === undefined) throw new Error("the plan has no file");
    const own = await startObject(node, { ...ids, packageKey }, object);
    const encrypt = (message: typeof own) => message.encryptSegment({ position: 0, final: true }, a.bytes);
    const put = async (header: Bytes, message: typeof own) => {
      const changed = copyBytes(blob);
      changed.set(concatBytes(header, await encrypt(message)));
      return readAll(changed, record);
    };
    // Since layout 2 another encryption of the same file is another file.
    const honest = await put(own.header, own).then(
      () => "opens",
      ({ code }: { code: string }) => code,
    );
    expect(honest, "the way it is done is right").toBe(layout === 1 ? "opens" : "envelope/cannot-open");
    for (const claim of [33, 2 ** 18, SEGMENT[other(layout)], 2 ** 19 + 1, 2 ** 21, 2 ** 32 - 1]) {
      const header = copyBytes(own.header);
      Buffer.from(header.buffer).writeUInt32BE(claim, 2);
      await expect(put(header, own), `a claim of ${claim}`).rejects.toEqual(cannotOpen);
      if (claim < 2000) continue;
      const key = { key: drawSecret(node.random), aad: new Uint8Array(0) };
      const forged = await startEncryption(node, key, { encryptedSegmentBytes: claim });
      await expect(put(forged.header, forged), `a message of ${claim}`).rejects.toEqual(cannotOpen);
    }
  });

  it("cannot end a file at a segment", async () => {
    const { blob, record } = await write([b, a], layout);
    const seal = await signed(record);
    if (seal === null) throw new Error("own seal does not verify");
    for (let cut = HEADER; cut < HEADER + 3_000_000; cut += segment) {
      const opened = await openPackage(node, {
        packageKey,
        seal,
        readRange: async (offset, length) =>
          blob.slice(offset, offset < cut ? Math.min(cut, offset + length) : offset + length),
      });
      const read = async () => {
        for await (const _ of opened.readFile(b.id));
      };
      await expect(read(), `cut at ${cut}`).rejects.toEqual(cannotOpen);
    }
    // The same with lengths that are right, and a segment that says it is the last where another follows.
    const short = copyBytes(blob);
    Buffer.from(short.buffer).writeUInt32BE(segment, HEADER);
    await expect(readAll(short, record)).rejects.toEqual(cannotOpen);
  });

  it("cannot let one segment stand for two of the other length", async () => {
    const { blob, record } = await write([b, a], layout);
    for (const from of [HEADER + SEGMENT[2], HEADER + SEGMENT[1]]) {
      const changed = copyBytes(blob);
      changed.copyWithin(HEADER, from, from + SEGMENT[2]);
      await expect(readAll(changed, record), `from ${from}`).rejects.toEqual(cannotOpen);
    }
  });
});
