/**
 * What is being sent in this tab, for whoever shows it. It lives above the pages: leaving the Send page stops nothing. Only its state
 * is here, because every page loads this; what makes it move comes with the Send page.
 */
import type { Sent } from "@safeconduct/client";
import type { Problem, TransferId } from "@safeconduct/foundation";
import { useSyncExternalStore } from "react";
import type { FileRow } from "./file-rows.ts";
import type { Pace } from "./pace.ts";
import type { SentTerms, UploadStage } from "./upload-messages.ts";

export interface UploadRow extends Pick<FileRow, "key" | "kind" | "name" | "modality" | "part" | "sizeBytes"> {
  readonly fileCount: number;
}

export interface UploadRunning {
  readonly name: "running";
  readonly transfer: TransferId | null;
  readonly stage: UploadStage;
  readonly storedBytes: number;
  /** 0 until it is known. */
  readonly totalBytes: number;
  readonly pace: Pace | null;
  readonly isPaused: boolean;
  /** The server cannot be reached. */
  readonly isWaiting: boolean;
  readonly isSignedOut: boolean;
  readonly isCancelling: boolean;
  readonly rows: readonly UploadRow[];
}

export interface UploadSent {
  readonly name: "sent";
  readonly sent: Sent;
  readonly terms: SentTerms;
  readonly notBefore: number;
}

export type UploadState =
  | { readonly name: "none" }
  | UploadRunning
  | UploadSent
  | { readonly name: "cancelled" }
  /** Another tab works on it. */
  | { readonly name: "busy" }
  /** `isKept`: it can be gone on with. */
  | { readonly name: "failed"; readonly problem: Problem; readonly isKept: boolean };

/** What the frame may ask of a running upload. */
export interface UploadHandle {
  /** Somebody is signed in: goes on, if it is who began, else stops and leaves it to them. */
  signedIn(member: string): void;
  /** They left by their own wish: nothing of theirs goes on in this tab. */
  left(): void;
}

let state: UploadState = { name: "none" };
const listeners = new Set<() => void>();

export const uploadSlot = {
  handle: null as UploadHandle | null,
  snapshot: (): UploadState => state,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  put(next: UploadState): void {
    state = next;
    for (const listener of listeners) listener();
  },
};

export const useUpload = (): UploadState => useSyncExternalStore(uploadSlot.subscribe, uploadSlot.snapshot);

/** Of a stretch of the whole, from 0 to 1. Parts arrive nearly in order, and what encryption adds is little. */
export function rowShares({
  rows,
  storedBytes,
  totalBytes,
}: Pick<UploadRunning, "rows" | "storedBytes" | "totalBytes">): number[] {
  const isDone = totalBytes > 0 && storedBytes >= totalBytes;
  let from = 0;
  return rows.map(({ sizeBytes }) => {
    const share = sizeBytes === 0 ? Number(storedBytes > from) : (storedBytes - from) / sizeBytes;
    from += sizeBytes;
    return isDone ? 1 : Math.min(1, Math.max(0, share));
  });
}
