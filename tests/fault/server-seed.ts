/** Chance that a run can repeat: PROPERTY_SEED, which the runner prints, and the name of the test. */
import { createHash } from "node:crypto";

/** `count` whole numbers from 0 to `limit` - 1. */
export function seededNumbers(name: string, count: number, limit: number): number[] {
  const seed = process.env["PROPERTY_SEED"] ?? "0";
  return Array.from({ length: count }, (_, at) => {
    const digest = createHash("sha256").update(`${seed}/${name}/${at}`).digest();
    return digest.readUInt32BE(0) % limit;
  });
}
