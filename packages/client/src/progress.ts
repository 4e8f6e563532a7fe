/** What a sender hears while files travel, and how the sending is stopped. */
import type { Problem } from "@safeconduct/foundation";

export interface SendProgress {
  readonly signal?: AbortSignal;
  /** Bytes of the blob that are durably stored, of how many. */
  readonly onProgress?: (progress: { storedBytes: number; totalBytes: number }) => void;
  /** The server cannot be reached for the moment; sending goes on by itself. */
  readonly onRetry?: (problem: Problem) => void;
}
