import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, concatBytes, copyBytes, hexBytes, hexText, type Random, utf8Bytes } from "@safeconduct/foundation";
import { nodeCrypto } from "@safeconduct/crypto-node";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import { sharedData } from "@safeconduct/testkit";
import { describe, expect, it } from "vitest";
import { continueMessage, FLOE_HEADER_BYTES, type FloeParameters, type FloePorts, startEncryption } from "./floe.ts";
import { FloeDecryptor, FloeEncryptor } from "./floe-stream.ts";

const node = nodeCrypto();
const web = await loadWebCrypto();
const small: FloeParameters = { encryptedSegmentBytes: 64 };
const key = utf8Bytes("0123456789abcdef0123456789abcdef");
const aad = utf8Bytes("purpose");

/** Key and AAD of every published vector, from the specification's own test code. */
const KAT_KEY: Bytes = new Uint8Array(32);
const KAT_AAD = utf8Bytes("This is AAD");

function katParameters(name: string): FloeParameters {
  if (name.endsWith("_4K")) return { encryptedSegmentBytes: 4096 };
  if (name.endsWith("_1M")) return { encryptedSegmentBytes: 1 << 20 };
  if (name.endsWith("_64")) return { encryptedSegmentBytes: 64 };
  if (name.endsWith("_rotation")) return { encryptedSegmentBytes: 40, rotationBits: 2 };
  return { encryptedSegmentBytes: 40 };
}

function cut(bytes: Bytes, length: number): Bytes[] {
  const pieces: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
  return pieces;
}

/** Gives the drawn bytes of a vector back, in the order in which an encryption draws them. */
function replay(draws: readonly Bytes[]): Random {
  const left = [...draws];
  return {
    bytes(length) {
      const drawn = left.shift();
      if (drawn?.length !== length) throw new Error("the encryption draws otherwise");
      return copyBytes(drawn);
    },
  };
}

async function decryptAll(
  ports: FloePorts,
  message: { key: Bytes; aad: Bytes; ciphertext: Bytes },
  parameters: FloeParameters,
): Promise<Bytes | null> {
  const header = message.ciphertext.subarray(0, FLOE_HEADER_BYTES);
  const decryptor = await FloeDecryptor.start(ports, { ...message, header }, parameters);
  if (decryptor === null) return null;
  const segments = cut(message.ciphertext.subarray(FLOE_HEADER_BYTES), parameters.encryptedSegmentBytes);
  const plaintext: Bytes[] = [];
  for (const [position, segment] of segments.entries()) {
    const last = position === segments.length - 1;
    const piece = last ? await decryptor.decryptLastSegment(segment) : await decryptor.decryptSegment(segment);
    if (piece === null) return null;
    plaintext.push(piece);
  }
  return decryptor.complete ? concatBytes(...plaintext) : null;
}

async function encryptAll(
  ports: FloePorts,
  plaintext: Bytes,
  parameters: FloeParameters,
  secret = key,
): Promise<Bytes> {
  const encryptor = await FloeEncryptor.start(ports, { key: secret, aad }, parameters);
  const pieces = cut(plaintext, encryptor.segmentPlaintextBytes);
  const last = pieces.pop() ?? new Uint8Array(0);
  const segments: Bytes[] = [encryptor.header];
  for (const piece of pieces) segments.push(await encryptor.encryptSegment(piece));
  segments.push(await encryptor.encryptLastSegment(last));
  return concatBytes(...segments);
}

const folder = sharedData();
const vectors = folder === null ? null : join(folder, "vectors/floe");
const names = vectors === null ? [] : readdirSync(vectors).flatMap((file) => /^(.+)_ct\.txt$/.exec(file)?.[1] ?? []);

function katBytes(name: string): Bytes {
  const bytes = hexBytes(
    readFileSync(join(vectors ?? "", `${name}.txt`), "utf8")
      .trim()
      .toLowerCase(),
  );
  if (bytes === null) throw new Error(`${name} is not hexadecimal`);
  return bytes;
}

describe.skipIf(vectors === null)("FLOE known-answer tests (skipped where ../shared/data is absent)", () => {
  it("are all there", () => {
    expect(names.length).toBeGreaterThanOrEqual(17);
  });

  for (const name of names) {
    const parameters = katParameters(name);
    for (const [platform, ports] of Object.entries({ node, web })) {
      it(`${name} decrypts on ${platform}`, async () => {
        const ciphertext = katBytes(`${name}_ct`);
        const plaintext = await decryptAll(ports, { key: KAT_KEY, aad: KAT_AAD, ciphertext }, parameters);
        expect(plaintext && hexText(plaintext)).toBe(hexText(katBytes(`${name}_pt`)));
      });

      it(`${name} is written again from its own IVs on ${platform}`, async () => {
        const ciphertext = katBytes(`${name}_ct`);
        const segments = cut(ciphertext.subarray(FLOE_HEADER_BYTES), parameters.encryptedSegmentBytes);
        const random = replay([ciphertext.subarray(10, 42), ...segments.map((segment) => segment.subarray(4, 16))]);
        const encryptor = await FloeEncryptor.start({ ...ports, random }, { key: KAT_KEY, aad: KAT_AAD }, parameters);
        const plaintext = katBytes(`${name}_pt`);
        const written: Bytes[] = [encryptor.header];
        for (const position of segments.keys()) {
          const length = encryptor.segmentPlaintextBytes;
          const piece = plaintext.subarray(position * length, (position + 1) * length);
          const last = position === segments.length - 1;
          written.push(await (last ? encryptor.encryptLastSegment(piece) : encryptor.encryptSegment(piece)));
        }
        expect(hexText(concatBytes(...written))).toBe(hexText(ciphertext));
      });
    }
  }
});

describe("a FLOE message", () => {
  const plaintext = utf8Bytes("x".repeat(75));

  it.each([0, 1, 31, 32, 33, 64, 65, 75])(
    "of %i bytes comes back, from either platform on the other",
    async (length) => {
      const text = plaintext.subarray(0, length);
      const fromNode = await encryptAll(node, text, small);
      const fromWeb = await encryptAll(web, text, small);
      expect(await decryptAll(web, { key, aad, ciphertext: fromNode }, small)).toEqual(text);
      expect(await decryptAll(node, { key, aad, ciphertext: fromWeb }, small)).toEqual(text);
    },
  );

  it("does not open with any one bit of it flipped", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    for (let at = 0; at < ciphertext.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = copyBytes(ciphertext);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(await decryptAll(node, { key, aad, ciphertext: changed }, small), `bit ${bit} of byte ${at}`).toBeNull();
      }
    }
  });

  it("does not open cut short at any length", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    for (let length = 0; length < ciphertext.length; length++) {
      const short = ciphertext.slice(0, length);
      expect(await decryptAll(node, { key, aad, ciphertext: short }, small), `${length} bytes`).toBeNull();
    }
  });

  it("does not open with bytes or a repeated segment after its end", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    const last = ciphertext.subarray(FLOE_HEADER_BYTES + 2 * 64);
    for (const tail of [Uint8Array.of(0), last, ciphertext.subarray(FLOE_HEADER_BYTES, FLOE_HEADER_BYTES + 64)]) {
      expect(await decryptAll(node, { key, aad, ciphertext: concatBytes(ciphertext, tail) }, small)).toBeNull();
    }
  });

  it("does not open with two segments exchanged", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    const [header, first, second] = [
      ciphertext.subarray(0, FLOE_HEADER_BYTES),
      ciphertext.subarray(FLOE_HEADER_BYTES, FLOE_HEADER_BYTES + 64),
      ciphertext.subarray(FLOE_HEADER_BYTES + 64, FLOE_HEADER_BYTES + 128),
    ];
    const changed = concatBytes(header, second, first, ciphertext.subarray(FLOE_HEADER_BYTES + 128));
    expect(await decryptAll(node, { key, aad, ciphertext: changed }, small)).toBeNull();
  });

  it("does not open with a segment of another message under the same key and AAD", async () => {
    const [one, other] = [await encryptAll(node, plaintext, small), await encryptAll(node, plaintext, small)];
    const end = FLOE_HEADER_BYTES + 64;
    const changed = concatBytes(
      one.subarray(0, FLOE_HEADER_BYTES),
      other.subarray(FLOE_HEADER_BYTES, end),
      one.subarray(end),
    );
    expect(await decryptAll(node, { key, aad, ciphertext: changed }, small)).toBeNull();
  });

  it("does not open with another key, AAD or segment length", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    const otherKey = utf8Bytes("1123456789abcdef0123456789abcdef");
    expect(await decryptAll(node, { key: otherKey, aad, ciphertext }, small)).toBeNull();
    expect(await decryptAll(node, { key, aad: utf8Bytes("purposes"), ciphertext }, small)).toBeNull();
    expect(await decryptAll(node, { key, aad, ciphertext }, { encryptedSegmentBytes: 65 })).toBeNull();
  });

  it("never repeats an IV when a segment is encrypted again", async () => {
    const message = await startEncryption(node, { key, aad }, small);
    const place = { position: 0, final: true };
    const [one, again] = [
      await message.encryptSegment(place, plaintext.subarray(0, 8)),
      await message.encryptSegment(place, plaintext.subarray(0, 8)),
    ];
    expect(one.subarray(4, 16)).not.toEqual(again.subarray(4, 16));
    expect(await message.decryptSegment(place, one)).toEqual(await message.decryptSegment(place, again));
  });

  it("opens at any position without the ones before it, but not as final when it is not", async () => {
    const ciphertext = await encryptAll(node, plaintext, small);
    const header = ciphertext.subarray(0, FLOE_HEADER_BYTES);
    const message = await continueMessage(node, { key, aad, header }, small);
    const second = ciphertext.subarray(FLOE_HEADER_BYTES + 64, FLOE_HEADER_BYTES + 128);
    expect(await message?.decryptSegment({ position: 1, final: false }, second)).toEqual(plaintext.subarray(32, 64));
    expect(await message?.decryptSegment({ position: 1, final: true }, second)).toBeNull();
  });

  it("takes no segment of a wrong length and no position outside its limit", async () => {
    const message = await startEncryption(node, { key, aad }, small);
    const full: Bytes = new Uint8Array(32);
    await expect(message.encryptSegment({ position: 0, final: false }, full.subarray(1))).rejects.toThrow(RangeError);
    await expect(message.encryptSegment({ position: 0, final: true }, new Uint8Array(33))).rejects.toThrow(RangeError);
    await expect(message.encryptSegment({ position: 2 ** 40 - 1, final: true }, full)).resolves.toHaveLength(64);
    await expect(message.encryptSegment({ position: 2 ** 40, final: true }, full)).rejects.toThrow(RangeError);
    await expect(message.encryptSegment({ position: -1, final: true }, full)).rejects.toThrow(RangeError);
  });

  it("ends once: nothing can be encrypted or decrypted after the last segment", async () => {
    const encryptor = await FloeEncryptor.start(node, { key, aad }, small);
    const last = await encryptor.encryptLastSegment(plaintext.subarray(0, 3));
    await expect(encryptor.encryptLastSegment(plaintext.subarray(0, 3))).rejects.toThrow("already");
    const decryptor = await FloeDecryptor.start(node, { key, aad, header: encryptor.header }, small);
    expect(await decryptor?.decryptLastSegment(last)).toEqual(plaintext.subarray(0, 3));
    await expect(decryptor?.decryptLastSegment(last)).rejects.toThrow("already");
  });

  it("is written into memory that is used again, if that has the segment's length", async () => {
    const target = new Uint8Array(64);
    const encryptor = await FloeEncryptor.start(node, { key, aad }, small);
    expect(await encryptor.encryptSegment(plaintext.subarray(0, 32), target)).toBe(target);
    const decryptor = await FloeDecryptor.start(node, { key, aad, header: encryptor.header }, small);
    expect(await decryptor?.decryptSegment(target)).toEqual(plaintext.subarray(0, 32));
    const tooShort = encryptor.encryptSegment(plaintext.subarray(0, 32), target.subarray(1));
    await expect(tooShort).rejects.toThrow(RangeError);
  });

  it("stays shut after one segment that did not open", async () => {
    const encryptor = await FloeEncryptor.start(node, { key, aad }, small);
    const first = await encryptor.encryptSegment(plaintext.subarray(0, 32));
    const second = await encryptor.encryptSegment(plaintext.subarray(0, 32));
    const decryptor = await FloeDecryptor.start(node, { key, aad, header: encryptor.header }, small);
    expect(await decryptor?.decryptSegment(second)).toBeNull();
    expect(await decryptor?.decryptSegment(first)).toBeNull();
    expect(decryptor?.complete).toBe(false);
  });
});
