/**
 * FLOE (C2SP FLOE), random-access core: AES-256-GCM segments under keys that HKDF-Expand-SHA-384 derives, a header
 * that commits to key and AAD, a final-segment flag, and a new segment key every 2^20 segments.
 *
 * Not for callers outside this package, as the specification advises: it does not see to it that all segments are
 * written, that one is final, or that a position is used once as final and never again. `floe-stream.ts` and the
 * package writer and reader do.
 */
import {
  type Aead,
  type AeadKey,
  BinaryWriter,
  type Bytes,
  concatBytes,
  copyBytes,
  equalBytes,
  type Hmac,
  type Random,
  utf8Bytes,
} from "@safeconduct/foundation";
import { expandSha384, HKDF_BLOCK_BYTES } from "./hkdf.ts";
import { IV_BYTES, requireSecret, SECRET_BYTES, TAG_BYTES } from "./suite.ts";

const AEAD_AES_256_GCM = 0;
const KDF_HKDF_EXPAND_SHA_384 = 0;
const FLOE_IV_BYTES = 32;
const HEADER_TAG_BYTES = 32;
const PARAMETER_BYTES = 10;

/** Parameters ‖ FLOE IV ‖ header tag. */
export const FLOE_HEADER_BYTES = PARAMETER_BYTES + FLOE_IV_BYTES + HEADER_TAG_BYTES;

const LENGTH_BYTES = 4;
const NOT_FINAL = 0xffffffff;
/** What an encrypted segment has over its plaintext: length, IV and tag. */
export const SEGMENT_OVERHEAD_BYTES = LENGTH_BYTES + IV_BYTES + TAG_BYTES;

/** AEAD_MAX_SEGMENTS of the specification. */
export const FLOE_SEGMENT_LIMIT = 2 ** 40;
/** AEAD_ROTATION_MASK of the specification: 2^20 segments under one segment key. */
const ROTATION_BITS = 20;

const HEADER_TAG_PURPOSE = utf8Bytes("HEADER_TAG:");
const MESSAGE_KEY_PURPOSE = utf8Bytes("MESSAGE_KEY:");
const SEGMENT_KEY_PURPOSE = utf8Bytes("DEK:");

export interface FloeParameters {
  /** ENC_SEG_LEN: length of every segment but the last. */
  readonly encryptedSegmentBytes: number;
  /** Only known-answer tests change it. */
  readonly rotationBits?: number;
}

/** What Safeconduct writes: encrypted segments of 512 KiB. */
export const PACKAGE_FLOE: FloeParameters = { encryptedSegmentBytes: 1 << 19 };
/** Plaintext of each segment of {@link PACKAGE_FLOE} but the last. */
export const SEGMENT_PLAINTEXT_BYTES = PACKAGE_FLOE.encryptedSegmentBytes - SEGMENT_OVERHEAD_BYTES;

export interface FloePorts {
  readonly aead: Aead;
  readonly hmac: Hmac;
  readonly random: Random;
}

/** Which segment, and whether it ends the message. Both are authenticated. */
export interface SegmentPlace {
  readonly position: number;
  readonly final: boolean;
}

/**
 * An adapter may write into the caller's memory: a copy of each segment costs a third of its encryption (measured
 * on node:crypto), so the core uses this where the key has it.
 */
interface SealsInto {
  /** As `seal`; `target` has the plaintext's length and 16 bytes more. */
  sealInto(message: { iv: Bytes; plaintext: Bytes; aad: Bytes; target: Bytes }): Promise<void>;
}

/** The same for reading. */
interface OpensInto {
  /** As `open`; `target` has 16 bytes less than the ciphertext. False, and zeros in it, when the tag does not match. */
  openInto(message: { iv: Bytes; ciphertext: Bytes; aad: Bytes; target: Bytes }): Promise<boolean>;
}

/** FLOE's state after `start`: what all segments of one message share. */
export class FloeMessage {
  /** 74 bytes, public. */
  readonly header: Bytes;
  readonly segmentPlaintextBytes: number;
  private readonly ports: FloePorts;
  private readonly parameters: FloeParameters;
  private readonly iv: Bytes;
  private readonly aad: Bytes;
  private readonly messageKey: Bytes;
  private cached: { readonly rotation: number; readonly key: Promise<AeadKey> } | null = null;

  constructor(
    ports: FloePorts,
    parameters: FloeParameters,
    { header, iv, aad, messageKey }: { header: Bytes; iv: Bytes; aad: Bytes; messageKey: Bytes },
  ) {
    this.ports = ports;
    this.parameters = parameters;
    this.header = header;
    this.iv = iv;
    this.aad = aad;
    this.messageKey = messageKey;
    this.segmentPlaintextBytes = parameters.encryptedSegmentBytes - SEGMENT_OVERHEAD_BYTES;
  }

  /**
   * The encrypted segment under a fresh random IV. All but the final one have exactly `segmentPlaintextBytes`; a
   * plaintext of another length throws RangeError.
   */
  async encryptSegment(place: SegmentPlace, plaintext: Bytes): Promise<Bytes> {
    const target = new Uint8Array(plaintext.length + SEGMENT_OVERHEAD_BYTES);
    await this.encryptSegmentInto(place, plaintext, target);
    return target;
  }

  /**
   * As `encryptSegment`, into `target` of exactly plaintext + 32 bytes. `iv` (12 bytes) is for making a segment again that was made with
   * it before, to see whether its plaintext is what it was: one that is not must never leave this device.
   */
  async encryptSegmentInto(
    place: SegmentPlace,
    plaintext: Bytes,
    target: Bytes,
    iv = this.ports.random.bytes(IV_BYTES),
  ): Promise<void> {
    const full = this.segmentPlaintextBytes;
    if (place.final ? plaintext.length > full : plaintext.length !== full) {
      throw new RangeError("segment plaintext has another length");
    }
    if (target.length !== plaintext.length + SEGMENT_OVERHEAD_BYTES) throw new RangeError("target has another length");
    const key = await this.segmentKey(place.position);
    target.set(
      new BinaryWriter()
        .u32(place.final ? target.length : NOT_FINAL)
        .fixed(iv, IV_BYTES)
        .bytes(),
    );
    const message = { iv, plaintext, aad: segmentAad(place) };
    const sealed = target.subarray(LENGTH_BYTES + IV_BYTES);
    if (sealsInto(key)) await key.sealInto({ ...message, target: sealed });
    else sealed.set(await key.seal(message));
  }

  /**
   * The plaintext, or null for anything that is not this message's segment at this place. `memory`, of a segment's plaintext
   * at least, may take it.
   */
  async decryptSegment(place: SegmentPlace, segment: Bytes, memory?: Bytes): Promise<Bytes | null> {
    const full = this.parameters.encryptedSegmentBytes;
    if (segment.length < SEGMENT_OVERHEAD_BYTES || segment.length > full) return null;
    if (!place.final && segment.length !== full) return null;
    if (announcedLength(segment) !== (place.final ? segment.length : NOT_FINAL)) return null;
    const key = await this.segmentKey(place.position);
    const message = {
      iv: segmentIv(segment),
      ciphertext: segment.subarray(LENGTH_BYTES + IV_BYTES),
      aad: segmentAad(place),
    };
    if (memory === undefined || !opensInto(key)) return key.open(message);
    const target = memory.subarray(0, segment.length - SEGMENT_OVERHEAD_BYTES);
    return (await key.openInto({ ...message, target })) ? target : null;
  }

  /** DERIVE_KEY. The last key is kept, so that reading in order imports a key once in 2^20 segments. */
  private segmentKey(position: number): Promise<AeadKey> {
    if (!Number.isSafeInteger(position) || position < 0 || position >= FLOE_SEGMENT_LIMIT) {
      throw new RangeError("segment position outside the message");
    }
    const rotation = position - (position % 2 ** (this.parameters.rotationBits ?? ROTATION_BITS));
    if (this.cached?.rotation === rotation) return this.cached.key;
    const key = this.deriveSegmentKey(rotation);
    this.cached = { rotation, key };
    return key;
  }

  private async deriveSegmentKey(rotation: number): Promise<AeadKey> {
    const purpose = concatBytes(SEGMENT_KEY_PURPOSE, new BinaryWriter().u64(rotation).bytes());
    const context = { parameters: this.parameters, iv: this.iv, aad: this.aad };
    return this.ports.aead.importKey(await floeKdf(this.ports.hmac, this.messageKey, context, purpose, SECRET_BYTES));
  }
}

/** The IV of an encrypted segment. */
export const segmentIv = (segment: Bytes): Bytes => segment.subarray(LENGTH_BYTES, LENGTH_BYTES + IV_BYTES);

/** The segment length in an attacker-controlled header, or null where it is too short for one. */
export function announcedSegmentBytes(header: Bytes): number | null {
  if (header.length < PARAMETER_BYTES) return null;
  return new DataView(header.buffer, header.byteOffset + 2, 4).getUint32(0);
}

/** Starts a new message: a random 32-byte FLOE IV and the header that commits to `key` (32 bytes) and `aad`. */
export async function startEncryption(
  ports: FloePorts,
  { key, aad }: { key: Bytes; aad: Bytes },
  parameters: FloeParameters = PACKAGE_FLOE,
): Promise<FloeMessage> {
  requireSecret(key);
  const iv = ports.random.bytes(FLOE_IV_BYTES);
  const { headerTag, messageKey } = await startKeys(ports.hmac, key, { parameters, iv, aad });
  const header = concatBytes(encodeParameters(parameters), iv, headerTag);
  return new FloeMessage(ports, parameters, { header, iv, aad: copyBytes(aad), messageKey });
}

/** Goes on with the message of an attacker-controlled `header`, or null if it is not one for this key and AAD. */
export async function continueMessage(
  ports: FloePorts,
  { key, aad, header }: { key: Bytes; aad: Bytes; header: Bytes },
  parameters: FloeParameters = PACKAGE_FLOE,
): Promise<FloeMessage | null> {
  requireSecret(key);
  if (header.length !== FLOE_HEADER_BYTES) return null;
  if (!equalBytes(header.subarray(0, PARAMETER_BYTES), encodeParameters(parameters))) return null;
  const iv = copyBytes(header.subarray(PARAMETER_BYTES, PARAMETER_BYTES + FLOE_IV_BYTES));
  const { headerTag, messageKey } = await startKeys(ports.hmac, key, { parameters, iv, aad });
  if (!equalBytes(headerTag, header.subarray(PARAMETER_BYTES + FLOE_IV_BYTES))) return null;
  return new FloeMessage(ports, parameters, { header: copyBytes(header), iv, aad: copyBytes(aad), messageKey });
}

interface KdfContext {
  readonly parameters: FloeParameters;
  readonly iv: Bytes;
  readonly aad: Bytes;
}

async function startKeys(
  hmac: Hmac,
  key: Bytes,
  context: KdfContext,
): Promise<{ headerTag: Bytes; messageKey: Bytes }> {
  const [headerTag, messageKey] = await Promise.all([
    floeKdf(hmac, key, context, HEADER_TAG_PURPOSE, HEADER_TAG_BYTES),
    floeKdf(hmac, key, context, MESSAGE_KEY_PURPOSE, HKDF_BLOCK_BYTES),
  ]);
  return { headerTag, messageKey };
}

/** FLOE_KDF. */
function floeKdf(hmac: Hmac, key: Bytes, context: KdfContext, purpose: Bytes, length: number): Promise<Bytes> {
  const info = concatBytes(encodeParameters(context.parameters), context.iv, purpose, context.aad);
  return expandSha384(hmac, key, info, length);
}

/** PARAM_ENCODE. */
function encodeParameters({ encryptedSegmentBytes }: FloeParameters): Bytes {
  if (encryptedSegmentBytes <= SEGMENT_OVERHEAD_BYTES) throw new RangeError("segments hold nothing");
  return new BinaryWriter()
    .u8(AEAD_AES_256_GCM)
    .u8(KDF_HKDF_EXPAND_SHA_384)
    .u32(encryptedSegmentBytes)
    .u32(FLOE_IV_BYTES)
    .bytes();
}

function segmentAad({ position, final }: SegmentPlace): Bytes {
  return new BinaryWriter()
    .u64(position)
    .u8(final ? 1 : 0)
    .bytes();
}

function announcedLength(segment: Bytes): number {
  return new DataView(segment.buffer, segment.byteOffset, LENGTH_BYTES).getUint32(0);
}

function sealsInto(key: AeadKey): key is AeadKey & SealsInto {
  return "sealInto" in key;
}

function opensInto(key: AeadKey): key is AeadKey & OpensInto {
  return "openInto" in key;
}
