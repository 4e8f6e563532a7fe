/** What the recipient's page and the worker that saves for it say to each other: one channel for each file. Types only: the worker is one file. */

/** From the page, with a port for the rest of the talk. */
export interface SavingRequest {
  /** 32 hexadecimal digits: the last part of the address that the browser will ask for. */
  readonly id: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** From the page. A piece of no more than a segment; `alive` keeps the worker from being ended while the network is waited for. */
export type PageMessage =
  | { readonly kind: "piece"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "end" | "fail" | "alive" };

/**
 * From the worker: it knows of the file; it wants the next piece; it is still there; the browser has
 * taken all of it; the browser wants no more.
 */
export interface WorkerMessage {
  readonly kind: "ready" | "pull" | "alive" | "taken" | "cancelled";
}
