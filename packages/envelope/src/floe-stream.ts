/**
 * FLOE's safe streaming form (C2SP FLOE, "Public Streaming/Online Function"): segments in order, one last segment,
 * nothing after it, and no nonce to choose. Calls may overlap; their order is the order of the segments.
 */
import type { Bytes } from "@safeconduct/foundation";
import {
  continueMessage,
  FLOE_SEGMENT_LIMIT,
  type FloeMessage,
  type FloeParameters,
  type FloePorts,
  PACKAGE_FLOE,
  type SegmentPlace,
  startEncryption,
} from "./floe.ts";

export class FloeEncryptor {
  private readonly message: FloeMessage;
  private readonly places = new SegmentCounter();

  private constructor(message: FloeMessage) {
    this.message = message;
  }

  static async start(
    ports: FloePorts,
    { key, aad }: { key: Bytes; aad: Bytes },
    parameters: FloeParameters = PACKAGE_FLOE,
  ): Promise<FloeEncryptor> {
    return new FloeEncryptor(await startEncryption(ports, { key, aad }, parameters));
  }

  /** 74 bytes that stand before the first segment. */
  get header(): Bytes {
    return this.message.header;
  }

  /** Plaintext bytes that every segment but the last must have. */
  get segmentPlaintextBytes(): number {
    return this.message.segmentPlaintextBytes;
  }

  /** `target`, of exactly plaintext + 32 bytes, takes the segment where it is given: memory to use again. */
  async encryptSegment(plaintext: Bytes, target?: Bytes): Promise<Bytes> {
    const place = this.places.next(false);
    if (target === undefined) return this.message.encryptSegment(place, plaintext);
    await this.message.encryptSegmentInto(place, plaintext, target);
    return target;
  }

  /** Ends the message; `plaintext` may be shorter, and empty. */
  async encryptLastSegment(plaintext: Bytes): Promise<Bytes> {
    return this.message.encryptSegment(this.places.next(true), plaintext);
  }
}

export class FloeDecryptor {
  private readonly message: FloeMessage;
  private readonly places = new SegmentCounter();
  private failed = false;

  private constructor(message: FloeMessage) {
    this.message = message;
  }

  /** Null if the attacker-controlled `header` is not one for this key and AAD. */
  static async start(
    ports: FloePorts,
    { key, aad, header }: { key: Bytes; aad: Bytes; header: Bytes },
    parameters: FloeParameters = PACKAGE_FLOE,
  ): Promise<FloeDecryptor | null> {
    const message = await continueMessage(ports, { key, aad, header }, parameters);
    return message && new FloeDecryptor(message);
  }

  /** Whether the last segment was opened: a message without it was cut short. */
  get complete(): boolean {
    return this.places.closed && !this.failed;
  }

  /** The plaintext, or null; after a null nothing of this message opens any more. */
  async decryptSegment(segment: Bytes): Promise<Bytes | null> {
    return this.open(this.places.next(false), segment);
  }

  /** As `decryptSegment`, for the segment that must be the last. */
  async decryptLastSegment(segment: Bytes): Promise<Bytes | null> {
    return this.open(this.places.next(true), segment);
  }

  private async open(place: SegmentPlace, segment: Bytes): Promise<Bytes | null> {
    if (this.failed) return null;
    const plaintext = await this.message.decryptSegment(place, segment);
    if (plaintext === null) this.failed = true;
    return this.failed ? null : plaintext;
  }
}

class SegmentCounter {
  closed = false;
  private count = 0;

  next(final: boolean): SegmentPlace {
    if (this.closed) throw new Error("the last segment was already given");
    if (!final && this.count === FLOE_SEGMENT_LIMIT - 1) throw new RangeError("too many segments");
    this.closed = final;
    return { position: this.count++, final };
  }
}
