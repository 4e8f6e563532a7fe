/**
 * What a grant demands of its recipient beside the link and the mailed code, as it stands after the fields that all versions of
 * the terms have. It is part of the terms and so of the transcript: a server that leaves it out or weakens it breaks the KEK.
 */
import { type BinaryReader, type BinaryWriter, type Bytes, MalformedBinary } from "@safeconduct/foundation";

/** Position + 1 is the stored code: append only. */
const SECOND_FACTOR_KINDS = ["passcode", "authenticator", "passkey"] as const;
export type SecondFactorKind = (typeof SECOND_FACTOR_KINDS)[number];

/** Bytes of a passcode's salt. */
export const PASSCODE_SALT_BYTES = 16;

/**
 * Argon2id costs by their stored code (RFC 9106 §3.1). A closed set: a sender cannot make a recipient's device work for an hour,
 * nor a server make guessing cheap. 1: 64 MiB, 3 passes, 1 lane, the second recommendation of RFC 9106 §4 with one lane,
 * because browsers have no other.
 */
export const PASSCODE_COSTS = { 1: { memoryKib: 65_536, passes: 3, lanes: 1 } } as const;
type PasscodeCost = keyof typeof PASSCODE_COSTS;

export type SecondFactor =
  /** Told over another way than the link. `salt` has 16 bytes and is drawn for each grant. */
  | { readonly kind: "passcode"; readonly cost: PasscodeCost; readonly salt: Bytes }
  /** Codes of an app that the recipient has enrolled at this organisation. */
  | { readonly kind: "authenticator" }
  /** A passkey that the recipient has enrolled at this organisation. */
  | { readonly kind: "passkey" };

/** Code (1 byte); for a passcode also cost (1) and salt (16). Throws RangeError on a factor that cannot be. */
export function writeSecondFactor(writer: BinaryWriter, factor: SecondFactor): void {
  const position = SECOND_FACTOR_KINDS.indexOf(factor.kind);
  if (position < 0) throw new RangeError("a factor outside the closed set");
  writer.u8(position + 1);
  if (factor.kind !== "passcode") return;
  if (!isCost(factor.cost)) throw new RangeError("a cost outside the closed set");
  writer.u8(factor.cost).fixed(factor.salt, PASSCODE_SALT_BYTES);
}

/** Reads attacker-controlled bytes. Throws MalformedBinary for what {@link writeSecondFactor} does not write. */
export function readSecondFactor(reader: BinaryReader): SecondFactor {
  return factorOfCode(reader.u8(), reader);
}

function factorOfCode(code: number, reader: BinaryReader): SecondFactor {
  const kind = SECOND_FACTOR_KINDS[code - 1];
  if (kind === undefined) throw new MalformedBinary("unknown second factor");
  if (kind !== "passcode") return { kind };
  const cost = reader.u8();
  if (!isCost(cost)) throw new MalformedBinary("unknown passcode cost");
  return { kind, cost, salt: reader.fixed(PASSCODE_SALT_BYTES) };
}

/** Stands for a factor in version 3 of the terms where none is demanded. */
export const NO_FACTOR = 0;

/** As {@link readSecondFactor}; null for {@link NO_FACTOR}. */
export function readOptionalFactor(reader: BinaryReader): SecondFactor | null {
  const code = reader.u8();
  return code === NO_FACTOR ? null : factorOfCode(code, reader);
}

const isCost = (cost: number): cost is PasscodeCost => Object.hasOwn(PASSCODE_COSTS, cost);
