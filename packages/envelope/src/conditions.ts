/**
 * What a sender asks of a recipient beside times and proof, as it stands at the end of version 3 of the terms: whether a receipt
 * closes the link, and whether copies may be kept and for how long. It is part of the terms and so of the transcript: nobody on
 * the way can soften it. It binds honest people and programs; no format keeps a copy from being made.
 */
import { type BinaryReader, type BinaryWriter, MalformedBinary } from "@safeconduct/foundation";

/** Longest time after which copies must be deleted: ten years of 365 days. */
export const DELETE_BY_DAYS_MAX = 3650;

/** What the recipient accepts before anything is released. */
export interface Conditions {
  /** Whether copies may be kept at all. */
  readonly mayStore: boolean;
  /** Copies are gone at the latest so many days after the acceptance, 1 to {@link DELETE_BY_DAYS_MAX}; null names no day. Null where none may be kept. */
  readonly deleteByDays: number | null;
}

export interface Asked {
  /** A receipt closes the link after a short grace. */
  readonly closesOnReceipt: boolean;
  /** Null: there is nothing to accept. */
  readonly conditions: Conditions | null;
}

const NONE = 0;
const NO_COPIES = 1;
const COPIES = 2;
/** In the place of days: no day is named. */
const NO_DAY = 0;

/** Closing (1 byte, 0 or 1); conditions (1): 0 none, 1 no copies, 2 copies and the days (2). Throws RangeError on what cannot be. */
export function writeAsked(writer: BinaryWriter, { closesOnReceipt, conditions }: Asked): void {
  writer.u8(closesOnReceipt ? 1 : 0);
  if (conditions === null) {
    writer.u8(NONE);
    return;
  }
  const { mayStore, deleteByDays } = conditions;
  if (!mayStore && deleteByDays !== null) throw new RangeError("what may not be kept has no day to be deleted by");
  if (deleteByDays !== null && !isDays(deleteByDays)) throw new RangeError("days outside their bounds");
  writer.u8(mayStore ? COPIES : NO_COPIES);
  if (mayStore) writer.u16(deleteByDays ?? NO_DAY);
}

/** Reads attacker-controlled bytes. Throws MalformedBinary for what {@link writeAsked} does not write. */
export function readAsked(reader: BinaryReader): Asked {
  const closing = reader.u8();
  if (closing > 1) throw new MalformedBinary("neither open nor closing");
  return { closesOnReceipt: closing === 1, conditions: readConditions(reader) };
}

function readConditions(reader: BinaryReader): Conditions | null {
  const code = reader.u8();
  if (code === NONE) return null;
  if (code === NO_COPIES) return { mayStore: false, deleteByDays: null };
  if (code !== COPIES) throw new MalformedBinary("unknown conditions");
  const days = reader.u16();
  if (days === NO_DAY) return { mayStore: true, deleteByDays: null };
  if (!isDays(days)) throw new MalformedBinary("days outside their bounds");
  return { mayStore: true, deleteByDays: days };
}

const isDays = (days: number): boolean => Number.isInteger(days) && days >= 1 && days <= DELETE_BY_DAYS_MAX;
