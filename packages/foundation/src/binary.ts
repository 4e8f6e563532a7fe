/**
 * One canonical binary encoding for everything that is hashed, signed or used as AAD:
 * fixed-width big-endian integers, fixed-length fields and length-prefixed vectors, in a fixed order.
 * There is exactly one encoding of a value, and a reader refuses anything left over.
 */
import { type Bytes, copyBytes, joinBytes, utf8Bytes, utf8Text } from "./bytes.ts";

/** Largest vector, in bytes, that a reader accepts unless it is told a lower limit. */
const VECTOR_LIMIT = 1 << 24;

export class BinaryWriter {
  private readonly pieces: Uint8Array[] = [];

  u8(value: number): this {
    return this.integer(value, 1);
  }

  u16(value: number): this {
    return this.integer(value, 2);
  }

  u32(value: number): this {
    return this.integer(value, 4);
  }

  /** An integer up to 2^53 − 1, in eight bytes. */
  u64(value: number): this {
    return this.integer(value, 8);
  }

  /** Bytes whose length both sides know. */
  fixed(bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
    this.pieces.push(bytes);
    return this;
  }

  /** A length (u32) and the bytes. */
  vector(bytes: Uint8Array): this {
    this.u32(bytes.length);
    this.pieces.push(bytes);
    return this;
  }

  /** A vector of UTF-8. Lone surrogates are refused, they would not come back. */
  text(text: string): this {
    if (!text.isWellFormed()) throw new RangeError("text is not well-formed Unicode");
    return this.vector(utf8Bytes(text));
  }

  bytes(): Bytes {
    return joinBytes(this.pieces);
  }

  private integer(value: number, width: 1 | 2 | 4 | 8): this {
    const limit = width === 8 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * width) - 1;
    if (!Number.isSafeInteger(value) || value < 0 || value > limit) {
      throw new RangeError(`integer outside u${8 * width}`);
    }
    const bytes = new Uint8Array(width);
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.pieces.push(bytes);
    return this;
  }
}

/** The input is not an encoding of what the reader asked for. Carries no content of the input. */
export class MalformedBinary extends Error {
  override readonly name = "MalformedBinary";
}

/** Reads attacker-controlled bytes. Every method throws {@link MalformedBinary} when the input does not fit. */
export class BinaryReader {
  private at = 0;
  private readonly input: Uint8Array;

  constructor(input: Uint8Array) {
    this.input = input;
  }

  u8(): number {
    return this.integer(1);
  }

  u16(): number {
    return this.integer(2);
  }

  u32(): number {
    return this.integer(4);
  }

  u64(): number {
    return this.integer(8);
  }

  fixed(length: number): Bytes {
    if (this.at + length > this.input.length) throw new MalformedBinary("input ends early");
    const bytes = copyBytes(this.input.subarray(this.at, this.at + length));
    this.at += length;
    return bytes;
  }

  vector(limitBytes: number = VECTOR_LIMIT): Bytes {
    const length = this.u32();
    if (length > limitBytes) throw new MalformedBinary("vector over its limit");
    return this.fixed(length);
  }

  text(limitBytes: number = VECTOR_LIMIT): string {
    const text = utf8Text(this.vector(limitBytes));
    if (text === null) throw new MalformedBinary("text is not UTF-8");
    return text;
  }

  end(): void {
    if (this.at !== this.input.length) throw new MalformedBinary("bytes left over");
  }

  private integer(width: 1 | 2 | 4 | 8): number {
    let value = 0;
    for (const byte of this.fixed(width)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new MalformedBinary("integer over 2^53 − 1");
    return value;
  }
}
