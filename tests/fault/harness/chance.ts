/** Chance that a failing run can repeat: everything drawn follows from one seed. */
import { createHash } from "node:crypto";

export interface Chance {
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<Value>(values: readonly Value[]): Value;
}

export function seededChance(seed: string): Chance {
  let drawn = 0;
  const between = (from: number, to: number): number => {
    const digest = createHash("sha256").update(`${seed}/${drawn++}`).digest();
    return from + (digest.readUInt32BE(0) % (to - from + 1));
  };
  return {
    between,
    pick(values) {
      const value = values[between(0, values.length - 1)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
  };
}
