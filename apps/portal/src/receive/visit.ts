/**
 * What one visit to a link holds, in memory only: the recipient's session, the ephemeral key and the open package.
 * Closing or reloading the page ends it; nothing is written to the browser's storage.
 */
import { network, now } from "../platform.ts";
import {
  acceptConditions,
  type AskedByTerms,
  askedByTerms,
  type ClientPorts,
  demandedKind,
  type Link,
  openTransfer,
  provePasscode,
  provePasscodeAgain,
  type ProvenPasscode,
} from "@safeconduct/client";
import { type Client, ownFactorRoutes, type ProblemKind, receivingRoutes, routesClient } from "@safeconduct/contract";
import type { OpenedPackage, SecondFactorKind } from "@safeconduct/envelope";
import type { CryptoPorts } from "@safeconduct/foundation";
import { givePasskey, makePasskey, type PasskeyOutcome } from "../elements/passkey-device.ts";
import { problemOf } from "../elements/problems.ts";
import type { Invitation } from "./arrival.ts";
import { Downloads } from "./downloads.ts";
import { workerPasswordHash } from "./passcode-hash.ts";
import { Reads } from "./reads.ts";
import type { ReceiptFacts } from "./receipt.ts";
import { type ReadWhole, WholeReads } from "./whole-reads.ts";

/** Nothing else of the API is loaded with this page. */
const RECIPIENT_ROUTES = { ...receivingRoutes, ...ownFactorRoutes };
type RecipientRoute = keyof typeof RECIPIENT_ROUTES;

const stranger: Client<RecipientRoute> = routesClient(RECIPIENT_ROUTES, { origin: "", fetch: network });

export type OwnFactors = Awaited<ReturnType<typeof stranger.call<"ownFactors">>>;
export type NewAuthenticator = Awaited<ReturnType<typeof stranger.call<"beginAuthenticator">>>;

export interface Package {
  readonly opened: OpenedPackage;
  readonly downloads: Downloads;
  /** A whole file, to be looked at. */
  readonly readWhole: ReadWhole;
  /** The recipient's whole address. */
  readonly address: string;
}

export class Visit {
  readonly link: Link;
  private session: string | null = null;
  private asks: AskedByTerms = { conditions: null, closesOnReceipt: false };
  private acceptance: number | null = null;
  private demands: SecondFactorKind | null = null;
  private terms = "";
  private address = "";
  private proven: ProvenPasscode | null = null;
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

  /** Answers which second factor is still to be given. A passcode that was accepted in this visit is shown again by itself. */
  async confirm(code: string): Promise<SecondFactorKind | null> {
    const { grant } = this.link;
    const answer = await stranger.call("confirm", { path: { grant }, body: { code } });
    this.session = answer.session;
    this.terms = answer.terms;
    this.address = answer.address;
    const demanded = demandedKind({ grant, terms: answer.terms });
    this.demands = demanded;
    this.asks = askedByTerms({ grant, terms: answer.terms });
    this.acceptance = answer.termsAcceptedAt;
    if (demanded !== "passcode" || this.proven === null) return demanded;
    const { linkSecret } = this.link.fragment;
    await provePasscodeAgain(await this.ports(), { grant, linkSecret, proven: this.proven });
    return null;
  }

  async provePasscode(passcode: string): Promise<void> {
    const { grant, fragment } = this.link;
    const { linkSecret } = fragment;
    this.proven = await provePasscode(await this.ports(), { grant, linkSecret, terms: this.terms, passcode });
  }

  /** What the grant demands beside link and mailed code; null before the address is confirmed, or where nothing is demanded. */
  demanded(): SecondFactorKind | null {
    return this.demands;
  }

  /** What the sender asks; nothing before the address is confirmed. */
  asked(): AskedByTerms {
    return this.asks;
  }

  /** When the conditions were accepted through this link, or null. */
  acceptedAt(): number | null {
    return this.acceptance;
  }

  async acceptConditions(): Promise<void> {
    await acceptConditions(await this.ports(), { grant: this.link.grant, terms: this.terms });
    this.acceptance = now();
  }

  /** True once the address was confirmed in this visit. */
  isConfirmed(): boolean {
    return this.session !== null;
  }

  reportProblem(kind: ProblemKind): Promise<void> {
    return this.recipient().call("reportProblem", { path: { grant: this.link.grant }, body: { kind } });
  }

  attestDeletion(): Promise<void> {
    return this.recipient().call("attestDeletion", { path: { grant: this.link.grant } });
  }

  proveAuthenticator(code: string): Promise<void> {
    return this.recipient().call("proveAuthenticator", { path: { grant: this.link.grant }, body: { code } });
  }

  /** Has the device sign what the server asks. "done" only where that was accepted. */
  async provePasskey(): Promise<"done" | Exclude<PasskeyOutcome<never>, "known">> {
    const path = { grant: this.link.grant };
    const answer = await givePasskey(await this.recipient().call("askPasskey", { path }));
    if (typeof answer === "string") return answer === "known" ? "cancelled" : answer;
    await this.recipient().call("provePasskey", { path, body: answer.assertion });
    return "done";
  }

  /** Has the device make a passkey for later files. "done" only where it was accepted. */
  async addPasskey(): Promise<PasskeyOutcome<"done">> {
    const path = { grant: this.link.grant };
    const asked = await this.recipient().call("beginPasskey", { path });
    // Several organisations on this server may have sent something.
    const name = `${asked.organisation}: ${asked.address}`;
    const answer = await makePasskey({ ...asked, name, displayName: name });
    if (typeof answer === "string") return answer;
    await this.recipient().call("confirmPasskey", { path, body: answer });
    return "done";
  }

  /** What this address has enrolled at the organisation; asked for after a second factor was passed. */
  ownFactors(): Promise<OwnFactors> {
    return this.recipient().call("ownFactors", { path: { grant: this.link.grant } });
  }

  beginAuthenticator(): Promise<NewAuthenticator> {
    return this.recipient().call("beginAuthenticator", { path: { grant: this.link.grant } });
  }

  confirmAuthenticator(code: string): Promise<void> {
    return this.recipient().call("confirmAuthenticator", { path: { grant: this.link.grant }, body: { code } });
  }

  removeFactor(factor: OwnFactors["enrolled"][number]): Promise<void> {
    return this.recipient().call("removeOwnFactor", { path: { grant: this.link.grant }, body: { factor } });
  }

  /** The package, opened once: a renewed session goes on with it and costs no second release. */
  async open(shown: Pick<Invitation, "purpose" | "profile">): Promise<Package> {
    if (this.held !== null) {
      this.held.downloads.forgetFailures();
      return this.held;
    }
    const reads = new Reads(network);
    const ports = await this.ports(reads);
    const opened = await openTransfer(ports, { ...this.link, shown, terms: this.terms, passcode: this.proven });
    const downloads = new Downloads({
      readFile(file) {
        reads.begin();
        return opened.readFile(file);
      },
      abortReads: () => reads.abort(),
      problemOf,
    });
    const viewing = new WholeReads({ opened, reads, downloads });
    reads.onRetry = (retrying) => {
      downloads.noteRetrying(retrying);
      viewing.noteRetrying(retrying);
    };
    this.held = { opened, downloads, readWhole: viewing.read, address: this.address };
    return this.held;
  }

  receipt(facts: ReceiptFacts): Promise<void> {
    return this.recipient().call("receipt", { path: { grant: this.link.grant }, body: { ...facts, verified: true } });
  }

  private async ports(reads: Reads = new Reads(network)): Promise<ClientPorts<RecipientRoute>> {
    this.prepare();
    const crypto = await this.loadedCrypto();
    // The session may be renewed while the package is open: each call takes the one that holds then.
    const api: Client<RecipientRoute> = { call: (name, options) => this.recipient().call(name, options) };
    return { crypto, api, fetch: reads.fetch, wait: reads.wait };
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

  private recipient(): Client<RecipientRoute> {
    if (this.session === null) throw new Error("the address was not confirmed");
    return routesClient(RECIPIENT_ROUTES, { origin: "", fetch: network, bearer: this.session });
  }
}

/** One ephemeral pair for the whole visit: the key service counts a release that is tried again to the same key once. */
async function visitCrypto(): Promise<CryptoPorts> {
  // Not with the page: who looks at an invitation needs none of it yet.
  const { loadWebCrypto } = await import("@safeconduct/crypto-web");
  const crypto = await loadWebCrypto();
  const pair = await crypto.hpke.generateKeyPair();
  return { ...crypto, passwordHash: workerPasswordHash, hpke: { ...crypto.hpke, generateKeyPair: async () => pair } };
}
