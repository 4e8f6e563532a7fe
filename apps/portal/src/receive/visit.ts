/**
 * What one visit to a link holds, in memory only: the recipient's session, the ephemeral key and the open package.
 * Closing or reloading the page ends it; nothing is written to the browser's storage.
 */
import { network } from "../platform.ts";
import { type ClientPorts, type Link, openTransfer } from "@safeconduct/client";
import { apiClient, type Client } from "@safeconduct/contract";
import { loadWebCrypto } from "@safeconduct/crypto-web";
import type { OpenedPackage } from "@safeconduct/envelope";
import type { CryptoPorts } from "@safeconduct/foundation";
import { problemOf } from "../elements/problems.ts";
import { Downloads } from "./downloads.ts";
import { Reads } from "./reads.ts";

export const server: Client = apiClient({ origin: "", fetch: network });

export type Invitation = Awaited<ReturnType<typeof server.call<"invitation">>>;

export interface Package {
  readonly opened: OpenedPackage;
  readonly downloads: Downloads;
}

export class Visit {
  readonly link: Link;
  private session: string | null = null;
  private held: Package | null = null;
  private crypto: Promise<CryptoPorts> | null = null;

  constructor(link: Link) {
    this.link = link;
  }

  /** Begins the costly part (WebAssembly, key pair) while the person types the code. */
  prepare(): void {
    this.crypto ??= visitCrypto();
    // A failure is met again, and told, by `open`.
    this.crypto.catch(() => undefined);
  }

  async confirm(code: string): Promise<void> {
    const answer = await server.call("confirm", { path: { grant: this.link.grant }, body: { code } });
    this.session = answer.session;
  }

  /** The package, opened once: a renewed session goes on with it and costs no second release. */
  async open(): Promise<Package> {
    if (this.held !== null) {
      this.held.downloads.forgetFailures();
      return this.held;
    }
    this.prepare();
    const crypto = await this.loadedCrypto();
    const reads = new Reads(network);
    // The session may be renewed while the package is open: each call takes the one that holds then.
    const api: Client = { call: (name, options) => this.recipient().call(name, options) };
    const ports: ClientPorts = { crypto, api, fetch: reads.fetch, wait: reads.wait };
    const opened = await openTransfer(ports, this.link);
    const downloads = new Downloads({
      readFile(file) {
        reads.begin();
        return opened.readFile(file);
      },
      abortReads: () => reads.abort(),
      problemOf,
    });
    reads.onRetry = (retrying) => downloads.noteRetrying(retrying);
    this.held = { opened, downloads };
    return this.held;
  }

  receipt(files: number): Promise<void> {
    return this.recipient().call("receipt", { path: { grant: this.link.grant }, body: { files, verified: true } });
  }

  private async loadedCrypto(): Promise<CryptoPorts> {
    const crypto = this.crypto;
    if (crypto === null) throw new Error("nothing was prepared");
    try {
      return await crypto;
    } catch (error) {
      this.crypto = null;
      throw error;
    }
  }

  private recipient(): Client {
    if (this.session === null) throw new Error("the address was not confirmed");
    return apiClient({ origin: "", fetch: network, bearer: this.session });
  }
}

/** One ephemeral pair for the whole visit: the key service counts a release that is tried again to the same key once. */
async function visitCrypto(): Promise<CryptoPorts> {
  const crypto = await loadWebCrypto();
  const pair = await crypto.hpke.generateKeyPair();
  return { ...crypto, hpke: { ...crypto.hpke, generateKeyPair: async () => pair } };
}
