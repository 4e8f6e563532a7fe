/**
 * What one visit to a link holds, in memory only: the recipient's session, the ephemeral key and the open package.
 * Closing or reloading the page ends it; nothing is written to the browser's storage.
 */
import { apiClient, type Client } from "@safeconduct/contract";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import type { CryptoPorts, HpkeKeyPair } from "@safeconduct/foundation";
import { problemOf } from "../elements/problems.ts";
import { Downloads } from "./downloads.ts";
import type { ReceivedLink } from "./link.ts";
import { unlock, type Unlocked } from "./unlock.ts";

/** `Response` needs its `this`; a bare reference would lose it. */
const plainFetch: typeof fetch = (input, init) => fetch(input, init);

export const server: Client = apiClient({ origin: "", fetch: plainFetch });

export interface Package extends Unlocked {
  readonly downloads: Downloads;
}

export class Visit {
  readonly link: ReceivedLink;
  private session: string | null = null;
  private unlocked: Package | null = null;
  private keys: Promise<{ crypto: CryptoPorts; keyPair: HpkeKeyPair }> | null = null;

  constructor(link: ReceivedLink) {
    this.link = link;
  }

  /** Begins the costly part (WebAssembly, key pair) while the person types the code. */
  prepare(): void {
    this.keys ??= makeKeys();
    // A failure is met again, and told, by `open`.
    this.keys.catch(() => undefined);
  }

  async confirm(code: string): Promise<void> {
    const answer = await server.call("confirm", { path: { grant: this.link.grant }, body: { code } });
    this.session = answer.session;
  }

  /** The package, opened once: a renewed session goes on with it and costs no second release. */
  async open(): Promise<Package> {
    if (this.unlocked !== null) {
      this.unlocked.downloads.forgetFailures();
      return this.unlocked;
    }
    this.prepare();
    const keys = this.keys;
    if (keys === null) throw new Error("no keys were made");
    try {
      const { crypto, keyPair } = await keys;
      const { opened, ranges } = await unlock({ crypto, keyPair, link: this.link, recipient: () => this.recipient() });
      const downloads = new Downloads({
        readFile: (file) => opened.readFile(file),
        abortReads: ranges.abort,
        problemOf,
      });
      this.unlocked = { opened, ranges, downloads };
      return this.unlocked;
    } catch (error) {
      // Keys that could not be made are made anew; a pair that was made is kept, so that a repeated release counts once.
      await keys.catch(() => (this.keys = null));
      throw error;
    }
  }

  receipt(files: number): Promise<void> {
    return this.recipient().call("receipt", { path: { grant: this.link.grant }, body: { files, verified: true } });
  }

  private recipient(): Client {
    if (this.session === null) throw new Error("the address was not confirmed");
    return apiClient({ origin: "", fetch: plainFetch, bearer: this.session });
  }
}

async function makeKeys(): Promise<{ crypto: CryptoPorts; keyPair: HpkeKeyPair }> {
  const crypto = await loadWebCrypto();
  return { crypto, keyPair: await crypto.hpke.generateKeyPair() };
}
