/** Holds an upload back while it is paused or nobody is signed in. Whoever cancels opens it for good, so that the draft can be given up. */

/** What is waited for; the gate is open when there is nothing. */
type Reason = "paused" | "signed-out";

export class UploadGate {
  private readonly reasons = new Set<Reason>();
  private isFree = false;
  private waiting: (() => void)[] = [];

  close(reason: Reason): void {
    if (!this.isFree) this.reasons.add(reason);
  }

  open(reason: Reason): void {
    this.reasons.delete(reason);
    this.letThrough();
  }

  free(): void {
    this.isFree = true;
    this.reasons.clear();
    this.letThrough();
  }

  /** Resolves when nothing holds it back. Never rejects. */
  async pass(): Promise<void> {
    while (this.reasons.size > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /**
   * `send` through this gate. An answer that says that nobody is signed in closes it: the same request goes again when somebody is.
   * So a session that ends at night does not cost an upload.
   */
  guard(send: typeof globalThis.fetch, onSignedOut: () => void): typeof globalThis.fetch {
    return async (input, init) => {
      for (;;) {
        await this.pass();
        init?.signal?.throwIfAborted();
        const response = await send(input, init);
        if (response.status !== UNAUTHORISED || this.isFree) return response;
        this.close("signed-out");
        onSignedOut();
      }
    };
  }

  private letThrough(): void {
    if (this.reasons.size > 0) return;
    for (const go of this.waiting.splice(0)) go();
  }
}

const UNAUTHORISED = 401;
