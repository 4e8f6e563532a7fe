/** What the two sides of the hash thread say to each other, and the shared memory between them. */

/** One piece of data at most; a FLOE segment fits. */
export const SLOT_BYTES = 1 << 20;
/** Pieces that may wait for the thread. */
export const SLOT_COUNT = 4;

export type HashOrder =
  | { readonly kind: "update"; readonly stream: number; readonly slot: number; readonly length: number }
  | { readonly kind: "digest"; readonly stream: number; readonly question: number; readonly ends: boolean };

export type HashAnswer =
  | { readonly kind: "free"; readonly slot: number }
  | { readonly kind: "digest"; readonly question: number; readonly digest: Uint8Array };
