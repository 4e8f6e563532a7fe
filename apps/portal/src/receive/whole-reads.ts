/** Reading files whole into memory, to be looked at: each is checked to its end before a byte of it is drawn. */
import type { ManifestFile, OpenedPackage } from "@safeconduct/envelope";
import type { Bytes } from "@safeconduct/foundation";
import type { Downloads } from "./downloads.ts";
import type { Reads } from "./reads.ts";

export interface ReadProgress {
  readonly doneBytes: number;
  readonly retrying: boolean;
}

/** Throws what ended it: the problem of the read, or an AbortError once `signal` says so. */
export type ReadWhole = (
  file: ManifestFile,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: ReadProgress) => void },
) => Promise<Bytes>;

export class WholeReads {
  private readonly opened: Pick<OpenedPackage, "readFile">;
  private readonly reads: Pick<Reads, "begin" | "abort">;
  private readonly downloads: Pick<Downloads, "busy" | "noteArrived">;
  private onRetry: (retrying: boolean) => void = () => undefined;

  constructor({
    opened,
    reads,
    downloads,
  }: {
    opened: Pick<OpenedPackage, "readFile">;
    reads: Pick<Reads, "begin" | "abort">;
    downloads: Pick<Downloads, "busy" | "noteArrived">;
  }) {
    [this.opened, this.reads, this.downloads] = [opened, reads, downloads];
  }

  /** A read that waits for a lost connection, or goes on. */
  noteRetrying(retrying: boolean): void {
    this.onRetry(retrying);
  }

  readonly read: ReadWhole = async (file, { signal, onProgress }) => {
    signal.throwIfAborted();
    // A download that runs beside has the switch of the network; both read on, and only a lost connection holds a stop up.
    if (!this.downloads.busy()) this.reads.begin();
    const stop = (): void => {
      if (!this.downloads.busy()) this.reads.abort();
    };
    signal.addEventListener("abort", stop, { once: true });
    const content = new Uint8Array(file.sizeBytes);
    let doneBytes = 0;
    this.onRetry = (retrying) => onProgress({ doneBytes, retrying });
    try {
      for await (const piece of this.opened.readFile(file.id)) {
        signal.throwIfAborted();
        content.set(piece, doneBytes);
        doneBytes += piece.length;
        onProgress({ doneBytes, retrying: false });
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.onRetry = () => undefined;
    }
    signal.throwIfAborted();
    this.downloads.noteArrived(file.id);
    return content;
  };
}
