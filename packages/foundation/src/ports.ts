/**
 * What pure packages need from a platform. Adapters implement these; nothing below floor 3 reads a clock,
 * draws chance or calls a crypto library by itself.
 */
import type { Bytes } from "./bytes.ts";

export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start. Never goes back. */
  monotonic(): number;
}

export interface Random {
  /** `length` bytes from a cryptographically secure source. */
  bytes(length: number): Bytes;
}

/** Synchronous SHA-256 (FIPS 180-4): 32 bytes. For Merkle trees, where a promise per node would cost more than the hash. */
export type Sha256 = (...pieces: readonly Uint8Array[]) => Bytes;

/** One SHA-256 over data that come piece by piece. Used once: after `digest` every call throws. */
export interface Sha256Stream {
  update(data: Uint8Array): void;
  /** Of all that was given until now; the stream goes on. */
  soFar(): Bytes;
  digest(): Bytes;
}

/** HMAC-SHA-384 (RFC 2104) of `data`: 48 bytes. One HKDF-Expand block (RFC 5869) is one call. */
export interface Hmac {
  hmacSha384(key: Uint8Array, data: Uint8Array): Promise<Bytes>;
}

/** An AES-256-GCM key (NIST SP 800-38D), imported once and used for many messages. */
export interface AeadKey {
  /** Ciphertext followed by its 16-byte tag. `iv` is 12 bytes and never repeats under one key. */
  seal(message: { iv: Bytes; plaintext: Bytes; aad: Bytes }): Promise<Bytes>;
  /** The plaintext, or null when the tag does not match. */
  open(message: { iv: Bytes; ciphertext: Bytes; aad: Bytes }): Promise<Bytes | null>;
}

export interface Aead {
  /** `raw` is 32 bytes. */
  importKey(raw: Bytes): Promise<AeadKey>;
}

/** Key pair in the KEM's own serialisation (RFC 9180 §7.1.1). */
export interface HpkeKeyPair {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** Single-shot HPKE in base mode (RFC 9180 §6.1), one fixed suite for each instance. */
export interface Hpke {
  generateKeyPair(): Promise<HpkeKeyPair>;
  /** `enc ‖ ciphertext`; the length of `enc` is fixed by the suite. */
  seal(message: { publicKey: Bytes; info: Bytes; aad: Bytes; plaintext: Bytes }): Promise<Bytes>;
  /** The plaintext, or null for anything that does not open, whatever the reason. */
  open(message: { privateKey: Bytes; info: Bytes; aad: Bytes; sealed: Bytes }): Promise<Bytes | null>;
}

/** Ed25519 (RFC 8032): 32-byte seeds and public keys, 64-byte signatures. */
export interface Signatures {
  generateKeyPair(): Promise<{ publicKey: Bytes; privateKey: Bytes }>;
  sign(privateKey: Bytes, message: Uint8Array): Promise<Bytes>;
  /** False for a bad signature, key or length; never throws on attacker-controlled input. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** What one Argon2id hash costs (RFC 9106 §3.1). */
export interface PasswordHashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Argon2id (RFC 9106), version 0x13, without secret value and associated data. */
export interface PasswordHash {
  /** 32 bytes. `password` has at least 1 byte, `salt` at least 8 (RFC 9106 §3.1). */
  argon2id(input: { password: Bytes; salt: Bytes; cost: PasswordHashCost }): Promise<Bytes>;
}

/** Everything a cryptographic package may ask of its platform. */
export interface CryptoPorts {
  readonly aead: Aead;
  readonly hmac: Hmac;
  readonly hpke: Hpke;
  readonly passwordHash: PasswordHash;
  readonly signatures: Signatures;
  readonly sha256: Sha256;
  readonly startSha256: () => Sha256Stream;
  /** SHA-256 beside the caller's thread, for much data at once. They are copied at the call: the memory is free again at once. */
  readonly sha256Aside: (data: Bytes) => Promise<Bytes>;
  readonly random: Random;
}
