/** The folder of a stopped instance, checked by what an operator has: `safeconduct fsck`. */
import type { Clinic } from "./clinic.ts";

export async function folderLosses(_clinic: Clinic): Promise<readonly string[]> {
  return [];
}
