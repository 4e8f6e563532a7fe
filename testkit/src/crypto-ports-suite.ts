/**
 * What every platform's cryptographic ports must do: the published vectors, one by one under their numbers, and the
 * refusals. The published ones are read from the shared data and skipped, by name, where that is absent.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Bytes,
  concatBytes,
  copyBytes,
  type CryptoPorts,
  hexBytes,
  hexText,
  utf8Bytes,
} from "@safeconduct/foundation";
import { describe, expect, it } from "vitest";
import { sharedData } from "./shared-data.ts";

/** A test of Project Wycheproof: hexadecimal fields beside its number and what is expected. */
export interface WycheproofTest {
  readonly tcId: number;
  readonly comment?: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly [field: string]: unknown;
}

export interface WycheproofGroup {
  readonly tests: readonly WycheproofTest[];
  readonly [field: string]: unknown;
}

const folder = sharedData();

/** Whether {@link wycheproofGroups} has something to read. */
export const hasWycheproof = folder !== null;

/** The groups of a vector file, or none where the shared data are absent. */
export function wycheproofGroups(file: string): readonly WycheproofGroup[] {
  if (folder === null) return [];
  const text = readFileSync(join(folder, "vectors/wycheproof", file), "utf8");
  return (JSON.parse(text) as { testGroups: readonly WycheproofGroup[] }).testGroups;
}

/** `name — comment` of a vector. */
export function wycheproofName({ tcId, comment }: WycheproofTest): string {
  return `tcId ${tcId}${comment ? `: ${comment}` : ""}`;
}

/** The bytes of a hexadecimal field. */
export function hexField(test: WycheproofTest, field: string): Bytes {
  const text = test[field];
  if (typeof text !== "string") throw new Error(`no field ${field}`);
  return fromHex(text);
}

function fromHex(text: string): Bytes {
  const bytes = hexBytes(text);
  if (bytes === null) throw new Error("not hexadecimal");
  return bytes;
}

export function describeCryptoPorts(name: string, ports: CryptoPorts): void {
  describe(`cryptographic ports on ${name}`, () => {
    describeAead(ports);
    describeHashes(ports);
    describeHpke(ports);
    describeSignatures(ports);
    describePasswordHash(ports);

    it("draw as many bytes as asked, never the same", () => {
      for (const length of [0, 1, 32, 65_536, 65_537]) expect(ports.random.bytes(length)).toHaveLength(length);
      expect(ports.random.bytes(32)).not.toEqual(ports.random.bytes(32));
      expect(ports.random.bytes(200_000).subarray(-32)).not.toEqual(new Uint8Array(32));
    });
  });
}

/** The reference implementation's own tests (phc-winner-argon2, src/test.c), Argon2id version 0x13 with one lane. */
const ARGON2ID_KNOWN = [
  {
    password: "password",
    salt: "somesalt",
    cost: { memoryKib: 65_536, passes: 2, lanes: 1 },
    tag: "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
  },
  {
    password: "password",
    salt: "somesalt",
    cost: { memoryKib: 256, passes: 2, lanes: 1 },
    tag: "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
  },
  {
    password: "differentpassword",
    salt: "somesalt",
    cost: { memoryKib: 65_536, passes: 2, lanes: 1 },
    tag: "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
  },
  {
    password: "password",
    salt: "diffsalt",
    cost: { memoryKib: 65_536, passes: 2, lanes: 1 },
    tag: "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c",
  },
] as const;

function describePasswordHash({ passwordHash }: CryptoPorts): void {
  describe("Argon2id", () => {
    it.each(ARGON2ID_KNOWN)("of $password with $salt and $cost is what the reference gives", async (known) => {
      const { password, salt, cost, tag } = known;
      const input = { password: utf8Bytes(password), salt: utf8Bytes(salt), cost };
      expect(hexText(await passwordHash.argon2id(input))).toBe(tag);
    });

    it("takes bytes that are no text, and changes with each byte of word and salt", async () => {
      const cost = { memoryKib: 64, passes: 1, lanes: 1 };
      const salt = utf8Bytes("0123456789abcdef");
      const words = [Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(0, 0xff), Uint8Array.of(0xc3, 0x28)];
      const tags = [];
      for (const password of words) tags.push(hexText(await passwordHash.argon2id({ password, salt, cost })));
      const other = utf8Bytes("0123456789abcdeg");
      tags.push(hexText(await passwordHash.argon2id({ password: utf8Bytes("a"), salt: other, cost })));
      tags.push(hexText(await passwordHash.argon2id({ password: utf8Bytes("a"), salt, cost })));
      expect(new Set(tags).size).toBe(tags.length);
    });

    it("refuses a salt of fewer than 8 bytes", async () => {
      const cost = { memoryKib: 64, passes: 1, lanes: 1 };
      const input = { password: utf8Bytes("a"), salt: utf8Bytes("0123456"), cost };
      await expect(passwordHash.argon2id(input)).rejects.toThrow(/salt|nonce/i);
    });
  });
}

function describeAead({ aead, random }: CryptoPorts): void {
  const groups = wycheproofGroups("aes_gcm_test.json").filter(
    ({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
  );
  describe.skipIf(!hasWycheproof)("AES-256-GCM by Wycheproof (skipped where ../shared/data is absent)", () => {
    it("has vectors for this key, nonce and tag length", () => {
      expect(groups.length).toBeGreaterThan(0);
    });

    for (const test of groups.flatMap(({ tests }) => tests)) {
      it(`by number: ${wycheproofName(test)}`, async () => {
        const key = await aead.importKey(hexField(test, "key"));
        const [iv, aad, plaintext] = [hexField(test, "iv"), hexField(test, "aad"), hexField(test, "msg")];
        const sealed = concatBytes(hexField(test, "ct"), hexField(test, "tag"));
        const opened = await key.open({ iv, aad, ciphertext: sealed });
        const valid = test.result === "valid";
        expect(opened && hexText(opened)).toBe(valid ? hexText(plaintext) : null);
        expect(hexText(await key.seal({ iv, aad, plaintext })) === hexText(sealed)).toBe(valid);
      });
    }
  });

  describe("AES-256-GCM", () => {
    const raw = utf8Bytes("0123456789abcdef0123456789abcdef");
    const [iv, aad] = [utf8Bytes("nonce nonce "), utf8Bytes("header")];

    it("opens nothing of which one bit is other", async () => {
      const key = await aead.importKey(raw);
      const ciphertext = await key.seal({ iv, aad, plaintext: utf8Bytes("text") });
      const bits = { iv, aad, ciphertext };
      for (const field of ["iv", "aad", "ciphertext"] as const) {
        for (let bit = 0; bit < 8 * bits[field].length; bit++) {
          const changed = copyBytes(bits[field]);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(await key.open({ ...bits, [field]: changed }), `${field} bit ${bit}`).toBeNull();
        }
      }
    });

    it("opens nothing shorter than a tag", async () => {
      const key = await aead.importKey(raw);
      for (const length of [0, 1, 15]) {
        expect(await key.open({ iv, aad, ciphertext: new Uint8Array(length) })).toBeNull();
      }
    });

    it("refuses keys and nonces of another length", async () => {
      for (const length of [0, 16, 31, 33]) {
        await expect(aead.importKey(new Uint8Array(length))).rejects.toThrow(RangeError);
      }
      const key = await aead.importKey(raw);
      for (const length of [0, 11, 13, 16]) {
        const message = { iv: new Uint8Array(length), aad };
        await expect(key.seal({ ...message, plaintext: raw })).rejects.toThrow(RangeError);
        await expect(key.open({ ...message, ciphertext: raw })).rejects.toThrow(RangeError);
      }
    });

    it("gives back messages around a mebibyte, and takes views into larger memory", async () => {
      const key = await aead.importKey(raw);
      for (const length of [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 1 << 20]) {
        const memory = concatBytes(random.bytes(7), new Uint8Array(length).fill(5), random.bytes(9));
        const plaintext = memory.subarray(7, 7 + length);
        const ciphertext = await key.seal({ iv, aad, plaintext });
        const opened = await key.open({ iv, aad, ciphertext: concatBytes(Uint8Array.of(1), ciphertext).subarray(1) });
        expect(opened && Buffer.compare(opened, plaintext)).toBe(0);
      }
    });
  });
}

function describeHashes({ hmac, sha256, sha256Aside, startSha256 }: CryptoPorts): void {
  describe("hashes", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    it("are SHA-256 of FIPS 180-4, of any number of pieces", () => {
      expect(hexText(sha256())).toBe(empty);
      expect(hexText(sha256(utf8Bytes("abc")))).toBe(abc);
      expect(hexText(sha256(utf8Bytes("a"), utf8Bytes(""), utf8Bytes("bc")))).toBe(abc);
    });

    it("are the same of memory as a whole, which is the caller's again at once", async () => {
      expect(hexText(await sha256Aside(new Uint8Array(0)))).toBe(empty);
      const memory = concatBytes(utf8Bytes("x"), utf8Bytes("abc"), utf8Bytes("y"));
      const digest = sha256Aside(memory.subarray(1, 4));
      memory.fill(0);
      expect(hexText(await digest)).toBe(abc);
    });

    it("stream, several at once, without mixing", () => {
      const streams = Array.from({ length: 9 }, () => startSha256());
      for (const piece of ["a", "", "bc"]) {
        for (const stream of streams) {
          stream.update(utf8Bytes(piece));
          expect(hexText(sha256())).toBe(empty);
        }
      }
      for (const stream of streams) expect(hexText(stream.digest())).toBe(abc);
      expect(hexText(startSha256().digest())).toBe(empty);
    });

    it("tell the digest of a stream so far and go on", () => {
      const stream = startSha256();
      expect(hexText(stream.soFar())).toBe(empty);
      stream.update(utf8Bytes("a"));
      expect(hexText(stream.soFar())).toBe(hexText(sha256(utf8Bytes("a"))));
      stream.update(utf8Bytes("bc"));
      expect(hexText(stream.soFar())).toBe(abc);
      expect(hexText(stream.digest())).toBe(abc);
    });

    it("end a stream once", () => {
      // More than are kept ready, so that each kind of stream is there.
      for (const stream of Array.from({ length: 9 }, () => startSha256())) {
        stream.digest();
        expect(() => stream.update(utf8Bytes("a"))).toThrow(Error);
        expect(() => stream.soFar()).toThrow(Error);
        expect(() => stream.digest()).toThrow(Error);
      }
    });

    // RFC 4231 §4.2, §4.3, §4.7.
    it.each([
      {
        key: "0b".repeat(20),
        data: "4869205468657265",
        mac: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
      },
      {
        key: "4a656665",
        data: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        mac: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
      },
      {
        key: "aa".repeat(131),
        data: "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        mac: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
      },
    ])("are HMAC-SHA-384 of RFC 4231 under a key of $key.length digits", async ({ key, data, mac }) => {
      expect(hexText(await hmac.hmacSha384(fromHex(key), fromHex(data)))).toBe(mac);
    });

    it("take an empty HMAC key, as RFC 2104 pads it", async () => {
      const data = utf8Bytes("data");
      expect(await hmac.hmacSha384(new Uint8Array(0), data)).toEqual(await hmac.hmacSha384(new Uint8Array(1), data));
    });
  });
}

function describeHpke({ hpke }: CryptoPorts): void {
  describe("HPKE", () => {
    const message = { info: utf8Bytes("info"), aad: utf8Bytes("aad"), plaintext: utf8Bytes("text") };

    it("opens with the right key, info and aad alone", async () => {
      const [own, other] = [await hpke.generateKeyPair(), await hpke.generateKeyPair()];
      const sealed = await hpke.seal({ publicKey: own.publicKey, ...message });
      const opening = { privateKey: own.privateKey, info: message.info, aad: message.aad, sealed };
      expect(await hpke.open(opening)).toEqual(message.plaintext);
      const wrong = [
        { privateKey: other.privateKey },
        { info: utf8Bytes("inf0") },
        { info: new Uint8Array(0) },
        { aad: utf8Bytes("aae") },
        { aad: new Uint8Array(0) },
      ];
      for (const change of wrong) expect(await hpke.open({ ...opening, ...change })).toBeNull();
    });

    it("opens nothing of which one bit is other, or that is shorter or longer", async () => {
      const { publicKey, privateKey } = await hpke.generateKeyPair();
      const sealed = await hpke.seal({ publicKey, ...message });
      const opening = { privateKey, info: message.info, aad: message.aad };
      // Every byte of the tag and the ciphertext; of the long encapsulated key, some of each half.
      const places = [
        0,
        1,
        500,
        1087,
        1088,
        1089,
        1120,
        ...Array.from({ length: 20 }, (_, i) => sealed.length - 1 - i),
      ];
      for (const at of places) {
        const changed = copyBytes(sealed);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(await hpke.open({ ...opening, sealed: changed }), `byte ${at}`).toBeNull();
      }
      for (const length of [0, 1, 100, sealed.length - 1]) {
        expect(await hpke.open({ ...opening, sealed: sealed.slice(0, length) }), `${length} bytes`).toBeNull();
      }
      expect(await hpke.open({ ...opening, sealed: concatBytes(sealed, Uint8Array.of(0)) })).toBeNull();
    });

    it("seals the same message differently each time, at one length", async () => {
      const { publicKey } = await hpke.generateKeyPair();
      const [one, two] = [await hpke.seal({ publicKey, ...message }), await hpke.seal({ publicKey, ...message })];
      expect(one).not.toEqual(two);
      expect(one).toHaveLength(two.length);
    });

    it("refuses keys of another length, and a public key that is no point", async () => {
      const { publicKey, privateKey } = await hpke.generateKeyPair();
      const sealed = await hpke.seal({ publicKey, ...message });
      await expect(hpke.seal({ ...message, publicKey: publicKey.slice(1) })).rejects.toThrow(RangeError);
      await expect(hpke.seal({ ...message, publicKey: new Uint8Array(publicKey.length) })).rejects.toThrow(Error);
      const opening = { info: message.info, aad: message.aad, sealed };
      await expect(hpke.open({ ...opening, privateKey: privateKey.slice(1) })).rejects.toThrow(RangeError);
    });
  });
}

function describeSignatures({ signatures }: CryptoPorts): void {
  describe.skipIf(!hasWycheproof)("Ed25519 by Wycheproof (skipped where ../shared/data is absent)", () => {
    const groups = wycheproofGroups("ed25519_test.json");
    it("has vectors", () => {
      expect(groups.length).toBeGreaterThan(0);
    });

    for (const group of groups) {
      const publicKey = fromHex((group["publicKey"] as { pk: string }).pk);
      for (const test of group.tests) {
        it(`by number: ${wycheproofName(test)}`, async () => {
          const verdict = await signatures.verify(publicKey, hexField(test, "msg"), hexField(test, "sig"));
          expect(verdict).toBe(test.result === "valid");
        });
      }
    }
  });

  describe("Ed25519", () => {
    it("signs as RFC 8032 §7.1 test 1", async () => {
      const seed = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
      const publicKey = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
      const signature = await signatures.sign(seed, new Uint8Array(0));
      expect(hexText(signature)).toBe(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
      );
      expect(await signatures.verify(publicKey, new Uint8Array(0), signature)).toBe(true);
    });

    it("makes pairs that fit, and knows another message, signature and key", async () => {
      const [own, other] = [await signatures.generateKeyPair(), await signatures.generateKeyPair()];
      const message = utf8Bytes("message");
      const signature = await signatures.sign(own.privateKey, message);
      expect(await signatures.verify(own.publicKey, message, signature)).toBe(true);
      expect(await signatures.verify(other.publicKey, message, signature)).toBe(false);
      expect(await signatures.verify(own.publicKey, utf8Bytes("massage"), signature)).toBe(false);
      for (let at = 0; at < signature.length; at++) {
        const changed = copyBytes(signature);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(await signatures.verify(own.publicKey, message, changed), `byte ${at}`).toBe(false);
      }
    });

    it("says no, and throws nothing, for keys and signatures of any other length", async () => {
      const { publicKey } = await signatures.generateKeyPair();
      for (const length of [0, 31, 33, 64]) {
        expect(await signatures.verify(new Uint8Array(length), publicKey, new Uint8Array(64))).toBe(false);
      }
      for (const length of [0, 63, 65]) {
        expect(await signatures.verify(publicKey, publicKey, new Uint8Array(length))).toBe(false);
      }
    });
  });
}
