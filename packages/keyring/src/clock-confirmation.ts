/**
 * A custodian's word that the key service's clock is right. Custodians are people whose public keys lie in the key
 * service's own folder, so that the API cannot make one up; two of them end an alarm of the clock. Each confirms with
 * a computer and a clock of their own, and the time by that clock is what they sign.
 */
import { type BinaryReader, type BinaryWriter, type Bytes, hexText, type Signatures } from "@safeconduct/foundation";
import { CLOCK_TOLERANCE_MS } from "./clock-guard.ts";
import { domainWriter, readId, SIGNATURE_BYTES, SIGNING_KEY_BYTES, writeId } from "./encoding.ts";
import type { OrganisationId } from "@safeconduct/foundation";

/** How many different custodians end an alarm. */
export const CUSTODIANS_NEEDED = 2;
/** A first confirmation waits this long for the second. */
export const CONFIRMATION_LIFE_MS = 3_600_000;

export interface ClockConfirmation {
  /** The organisation in whose ledger the reset is written. */
  readonly organisation: OrganisationId;
  /** 32 bytes, Ed25519. */
  readonly custodian: Bytes;
  /** How often the clock was set right before; a confirmation serves one reset. */
  readonly resets: number;
  /** By the custodian's own clock, milliseconds since the Unix epoch. */
  readonly time: number;
}

export function writeClockConfirmation(writer: BinaryWriter, confirmation: ClockConfirmation): BinaryWriter {
  return writeId(writer, confirmation.organisation)
    .fixed(confirmation.custodian, SIGNING_KEY_BYTES)
    .u32(confirmation.resets)
    .u64(confirmation.time);
}

/** Reads attacker-controlled bytes; throws MalformedBinary. */
export function readClockConfirmation(reader: BinaryReader): ClockConfirmation {
  return {
    organisation: readId(reader, "organisation"),
    custodian: reader.fixed(SIGNING_KEY_BYTES),
    resets: reader.u32(),
    time: reader.u64(),
  };
}

/** 64 bytes. `audience`: the 32-byte signing public key of the key service whose clock it is. */
export function signClockConfirmation(
  signatures: Signatures,
  { privateKey, audience, confirmation }: { privateKey: Bytes; audience: Bytes; confirmation: ClockConfirmation },
): Promise<Bytes> {
  return signatures.sign(privateKey, signedMessage(audience, confirmation));
}

/** What was thought of a confirmation. `counts`: these custodians have said the same by now, this one included. */
export type ClockVerdict =
  | { readonly counts: true; readonly custodians: readonly Bytes[] }
  | { readonly counts: false; readonly code: "keys/not-a-custodian" | "keys/bad-confirmation" | "keys/clocks-differ" };

interface Word {
  readonly custodian: Bytes;
  /** The key service's wall clock and the time that had passed when it came. */
  readonly wall: number;
  readonly elapsed: number;
}

/** Confirmations that wait for a second one. Memory is enough: whoever confirmed before a restart does it again. */
export class ClockConfirmations {
  private readonly signatures: Signatures;
  private readonly audience: Bytes;
  private readonly custodians: ReadonlySet<string>;
  /** Each custodian's last word, by the key in hexadecimal, in the order in which they came. */
  private readonly words = new Map<string, Word>();

  constructor(ports: { signatures: Signatures; audience: Bytes; custodians: readonly Bytes[] }) {
    this.signatures = ports.signatures;
    this.audience = ports.audience;
    this.custodians = new Set(ports.custodians.map(hexText));
  }

  /** Who has confirmed by now, or why this one does not count. `time` in it is held against `wall`. */
  async add(
    { confirmation, signature }: { confirmation: ClockConfirmation; signature: Bytes },
    { wall, elapsed, resets }: { wall: number; elapsed: number; resets: number },
  ): Promise<ClockVerdict> {
    const { custodian, time } = confirmation;
    if (!this.custodians.has(hexText(custodian))) return { counts: false, code: "keys/not-a-custodian" };
    const isTheirs =
      signature.length === SIGNATURE_BYTES &&
      confirmation.resets === resets &&
      (await this.signatures.verify(custodian, signedMessage(this.audience, confirmation), signature));
    if (!isTheirs) return { counts: false, code: "keys/bad-confirmation" };
    if (Math.abs(time - wall) > CLOCK_TOLERANCE_MS) return { counts: false, code: "keys/clocks-differ" };
    this.words.set(hexText(custodian), { custodian, wall, elapsed });
    return { counts: true, custodians: this.standing({ wall, elapsed }) };
  }

  /** Whose word is still about this clock: it has run evenly since they gave it, and not for too long. */
  standing(now: { wall: number; elapsed: number }): readonly Bytes[] {
    for (const [known, { wall, elapsed }] of this.words) {
      const passed = now.elapsed - elapsed;
      const isSameClock = Math.abs(now.wall - wall - passed) <= CLOCK_TOLERANCE_MS;
      if (!isSameClock || passed > CONFIRMATION_LIFE_MS) this.words.delete(known);
    }
    return [...this.words.values()].map(({ custodian }) => custodian);
  }

  /** After a reset nothing of what led to it counts again. */
  forget(): void {
    this.words.clear();
  }
}

function signedMessage(audience: Bytes, confirmation: ClockConfirmation): Bytes {
  const writer = domainWriter("clock-confirmation").fixed(audience, SIGNING_KEY_BYTES);
  return writeClockConfirmation(writer, confirmation).bytes();
}
