/**
 * The network of one visit: reads that a person can cancel, and word of a lost connection while it is tried again.
 * One file is read at a time, so one switch is enough.
 */
import type { ClientPorts } from "@safeconduct/client";
import { after } from "../platform.ts";

export class Reads {
  /** Hears true while a lost connection is waited for, false when it is tried again. */
  onRetry: (retrying: boolean) => void = () => undefined;
  readonly fetch: typeof globalThis.fetch;
  private controller = new AbortController();

  constructor(network: typeof globalThis.fetch) {
    this.fetch = (input, init = {}) => {
      const { signal } = this.controller;
      return network(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal });
    };
  }

  /** Before each file: what was cancelled stays cancelled until then, also between two tries. */
  begin(): void {
    this.controller = new AbortController();
  }

  /** Ends the reads that run or wait now. */
  abort(): void {
    this.controller.abort();
  }

  readonly wait: ClientPorts["wait"] = async (milliseconds, given) => {
    const { signal } = this.controller;
    given?.throwIfAborted();
    signal.throwIfAborted();
    this.onRetry(true);
    try {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          callOff();
          reject(new DOMException("stopped", "AbortError"));
        };
        const callOff = after(milliseconds, resolve);
        signal.addEventListener("abort", stop, { once: true });
        given?.addEventListener("abort", stop, { once: true });
      });
    } finally {
      this.onRetry(false);
    }
  };
}
