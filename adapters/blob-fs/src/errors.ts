/** What can be expected to go wrong with stored blobs. */
import { Problem } from "@safeconduct/foundation";

export type BlobProblemCode = "storage/part-size" | "storage/full" | "storage/damaged";

const MESSAGES: Record<BlobProblemCode, string> = {
  "storage/part-size": "The part is not as long as it was announced, so it was not kept. Send it again.",
  "storage/full": "The storage is full, so the part was not kept. Tell your administrator, or try again later.",
  "storage/damaged": "Stored data are missing or damaged. Tell your administrator.",
};

export const blobProblem = (code: BlobProblemCode): Problem<BlobProblemCode> => new Problem(code, MESSAGES[code]);

/** The `code` of a system error, or null. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
